"""The process that fetches: `kapture.gateways.media.child`, started by the engine behind walls for one request.

Reads one line of JSON from standard input, answers with lines of JSON on standard output, and ends. It works in its own
folder, with hardly any environment, behind the guard, and it dies when the process that started it does.
"""

import gc
import sys
from pathlib import Path

from yt_dlp.utils import YoutubeDLError

from kapture.gateways.media import guard
from kapture.gateways.media.convert import ffmpeg
from kapture.gateways.media.faults import explain
from kapture.gateways.media.javascript import runtime
from kapture.gateways.media.pull import Pull
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.walls import way_out
from kapture.gateways.media.wire import Message, answers, read_request, write_message


def main() -> int:
    """Serve the one request on standard input; 0 when the answer was said, whatever it is."""
    # yt-dlp builds two thousand patterns before it starts: garbage is looked for seldom in a process that ends soon.
    gc.set_threshold(50_000)
    request, preview = read_request(sys.stdin.buffer.readline())
    scratch = Path.cwd()
    programs = frozenset({ffmpeg(), str(runtime() or "")})
    guard.limit_resources(request.limits)
    guard.watch_sockets(way_out(), programs)
    with guard.dying_with_parent(sys.stdin.fileno(), scratch), answers() as stream:

        def emit(message: Message) -> None:
            stream.write(write_message(message))
            stream.flush()

        pull = Pull(request, scratch, emit)
        try:
            emit(pull.preview() if preview else pull.run())
        except guard.RefusedAddress as error:
            emit(FetchFailed(Reason.REFUSED_ADDRESS, detail=str(error)))
        except (YoutubeDLError, FetchFailed, OSError, MemoryError) as error:
            emit(explain(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
