"""Moving bytes between a client and the target it was let through to."""

import selectors
import socket
from typing import Final

from kapture.gateways.media.proxy.budget import Budget
from kapture.gateways.media.proxy.heads import BadMessage, closing, read_head, status

BLOCK: Final = 256 << 10
INTERIM: Final = 5


def tunnel(client: socket.socket, remote: socket.socket, budget: Budget) -> None:
    """Pass bytes both ways until either side closes; raises TimeoutError when none come for too long, and `Spent`."""
    others = {client: remote, remote: client}
    with selectors.DefaultSelector() as selector:
        for sock in others:
            selector.register(sock, selectors.EVENT_READ)
        while True:
            ready = selector.select(budget.left(budget.caps.idle_seconds))
            if not ready:
                raise TimeoutError("no byte came")
            for key, _ in ready:
                source = key.fileobj
                assert isinstance(source, socket.socket)
                if not _pass_on(source, others[source], budget):
                    return


def exchange(
    client: socket.socket, remote: socket.socket, head: bytes, begun: bytes, size: int, budget: Budget
) -> None:
    """One request and its answer: sends `head` and a body of `size` bytes, of which `begun` came already."""
    if len(begun) > size:
        raise BadMessage("more than one request")
    remote.sendall(head)
    _send_body(client, remote, begun, size, budget)
    answer, rest = read_head(remote)
    for _ in range(INTERIM):
        if status(answer) >= 200:
            break
        # Interim answers (RFC 9110, section 15.2) are advice to a client that waits, and ours does not.
        answer, rest = read_head(remote, rest)
    told = closing(answer) + rest
    budget.spend(len(told))
    client.sendall(told)
    with selectors.DefaultSelector() as selector:
        selector.register(client, selectors.EVENT_READ)
        selector.register(remote, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select(budget.left(budget.caps.idle_seconds))}
            if not ready:
                raise TimeoutError("no byte came")
            # A client that speaks again has hung up, or wants a second request past the vetting of the first.
            if client in ready or not _pass_on(remote, client, budget):
                return


def _send_body(client: socket.socket, remote: socket.socket, begun: bytes, size: int, budget: Budget) -> None:
    piece = begun
    while True:
        budget.spend(len(piece))
        remote.sendall(piece)
        size -= len(piece)
        if size <= 0:
            return
        piece = client.recv(min(size, BLOCK))
        if not piece:
            raise BadMessage("closed within its body")


def _pass_on(source: socket.socket, target: socket.socket, budget: Budget) -> bool:
    """Pass one block on; False when the source has closed."""
    block = source.recv(BLOCK)
    if not block:
        return False
    budget.spend(len(block))
    target.sendall(block)
    return True
