"""Fetching media on behalf of a user: `engine` is the door, everything else runs behind it in a process of its own."""
