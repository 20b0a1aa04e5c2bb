"""The process that fetching processes are forked from: `python -m kapture.gateways.media.forkserver DESCRIPTOR`.

Loading yt-dlp and building its two thousand patterns takes longer than fetching a small file, so it is done once. The
server touches nothing of a stranger: it has one thread, hardly any environment and no open connection, and each request
gets a process of its own that raises its walls before it reads what it is to do. It ends when its client does.
"""

import fcntl
import gc
import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

# Not used here: loaded so that no process that is forked has to.
from kapture.gateways.media import child as child
from kapture.gateways.media import walled
from kapture.gateways.media.forking import CONTROL, DESCRIPTORS
from kapture.gateways.media.ytdlp import warm

LINE: Final = 64 << 10
LOWEST: Final = 64


def main() -> None:
    """Answer orders with the number of a new process and a descriptor of its end, until the client is gone."""
    warm()
    # No later look for garbage shall write to the pages that are shared.
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as client:
        while True:
            line, descriptors, _, _ = socket.recv_fds(client, LINE, DESCRIPTORS)
            if not line:
                return
            order = json.loads(line)
            if "ended" in order:
                # Not before it is asked: until it is reaped nobody else can get its number.
                status = os.waitstatus_to_exitcode(os.waitpid(order["ended"], 0)[1])
                client.send(json.dumps({"code": status}).encode())
            else:
                give_birth(client, order, descriptors)


def give_birth(client: socket.socket, order: Mapping[str, Any], descriptors: Sequence[int]) -> None:
    """Fork the process that was ordered and tell the client of it."""
    pid = os.fork()
    if pid == 0:
        become(client, order, descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    end = os.pidfd_open(pid)
    socket.send_fds(client, [json.dumps({"pid": pid}).encode()], [end])
    os.close(end)


def become(client: socket.socket, order: Mapping[str, Any], descriptors: Sequence[int]) -> NoReturn:
    """Be the process that was ordered, in this copy of the server."""
    code = 1
    try:
        client.close()
        os.setsid()
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        # First out of each other's way: a number that is wanted may be one that was sent.
        moved = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, LOWEST) for one in descriptors]
        for wanted, descriptor in enumerate(moved):
            os.dup2(descriptor, wanted, inheritable=wanted != CONTROL)
        os.closerange(DESCRIPTORS, max(moved) + 1)
        sys.argv = [walled.__file__, order["module"]]
        code = walled.main()
    except BaseException:  # noqa: BLE001  # the server goes on as if this had never been part of it
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
