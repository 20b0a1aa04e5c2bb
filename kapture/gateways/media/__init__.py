"""Fetching media on behalf of a user: `engine` is the door, everything else runs behind it in a process of its own."""

import sys

# A C library with its own sockets, which the guard could not see; yt-dlp would use it if it were installed. It must be
# barred before yt-dlp is imported, and this package is imported before all of its modules.
sys.modules["curl_cffi"] = None  # type: ignore[assignment]
