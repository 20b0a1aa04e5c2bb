"""The process that cuts: `kapture.gateways.media.cutting`, started by `clip` behind walls for one piece.

It reads one line of JSON from standard input and answers with lines of JSON, behind the same walls as a fetch: no
connection at all, ffmpeg as the only program, and limits of the kernel on time, memory and bytes.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from kapture.gateways.media import convert, guard, probe
from kapture.gateways.media.clip import SOURCE
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import About, CutRequest, Fetched, Progress, Stage
from kapture.gateways.media.wire import Message, answers, read_cut, write_message

CUT = 0.95


def main() -> int:
    """Serve the one request on standard input; 0 when the answer was said, whatever it is."""
    request = read_cut(sys.stdin.buffer.readline())
    scratch = Path.cwd()
    guard.limit_resources(request.limits)
    guard.watch_sockets(frozenset(), frozenset({convert.ffmpeg()}))
    with guard.dying_with_parent(sys.stdin.fileno(), scratch), answers() as stream:

        def emit(message: Message) -> None:
            stream.write(write_message(message))
            stream.flush()

        emit(_answer(request, scratch, emit))
    return 0


def _answer(request: CutRequest, scratch: Path, emit: Callable[[Message], None]) -> Message:
    try:
        return cut(request, scratch, emit)
    except FetchFailed as failure:
        return failure
    except OSError as error:
        return FetchFailed(Reason.NO_SPACE if error.errno == 28 else Reason.CRASHED, detail=str(error))
    except MemoryError:
        return FetchFailed(Reason.TOO_LARGE, detail="memory")


def cut(request: CutRequest, scratch: Path, emit: Callable[[Message], None]) -> Fetched:
    """Cut the file in the scratch folder; raises `FetchFailed`."""
    source = scratch / SOURCE
    container = probe.sniffed(source)
    if container.is_image:
        raise FetchFailed(Reason.UNSUPPORTED, detail="a still picture")
    part = convert.Part(source, container, probe.read_streams(source, container))
    plan = convert.recode(request.kind, request.target, part)
    emit(Progress(Stage.CUTTING, 0.0))
    path = convert.run(
        plan,
        [part],
        scratch / f"media{plan.container.suffix}",
        lambda share: emit(Progress(Stage.CUTTING, CUT * share)),
        (request.start, request.end),
    )
    source.unlink()
    emit(Progress(Stage.CHECKING, CUT))
    facts = probe.describe(path)
    if facts.size > request.limits.max_bytes:
        raise FetchFailed(Reason.TOO_LARGE, detail=f"{facts.size} bytes")
    return Fetched(About(), facts, path, probe.thumbnail(path, scratch / "thumbnail.webp"))


if __name__ == "__main__":
    sys.exit(main())
