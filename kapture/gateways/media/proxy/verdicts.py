"""May this target be reached, and at which addresses? Asked once for each connection, and binding for it."""

import queue
import socket
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from kapture.core.errors import InvalidInput
from kapture.gateways.egress import check_url, is_public

Resolve = Callable[[str, int, float], tuple[str, ...]]
# More answers than this are not tried; all of them are vetted.
MOST_ADDRESSES: Final = 8


class Refused(Exception):
    """The target must not be reached."""


class Unresolved(Exception):
    """No name server knows the target, or none answered in time."""


@dataclass(frozen=True, slots=True)
class Way:
    """A vetted target: the very addresses to connect to. None are known where only a name is passed on."""

    host: str
    port: int
    addresses: tuple[str, ...] = ()


def judge(
    host: str, port: int, *, allow: Collection[str], seconds: float, resolve: Resolve, names_only: bool = False
) -> Way:
    """The way to a target; raises `Refused` unless every address of it is public, and `Unresolved`.

    `allow` names `host:port` pairs that may be reached whatever their address. With `names_only` the name is not
    looked up: it goes to a stand-in that answers for the whole outside world.
    """
    try:
        plain = urlsplit(check_url(f"http://{host}:{port}/", allow=allow)).hostname or ""
    except InvalidInput as error:
        raise Refused(str(error.details["url"][0])) from error
    shown = f"[{plain}]" if ":" in plain else plain
    if names_only:
        return Way(plain, port)
    addresses = resolve(plain, port, seconds)
    if not addresses:
        raise Unresolved("no addresses")
    if f"{shown}:{port}" not in allow:
        for address in addresses:
            # One private answer among public ones condemns the name: which one is used would be left to chance.
            if not is_public(address):
                raise Refused(f"It leads to {address}, an address inside a private network.")
    return Way(plain, port, addresses[:MOST_ADDRESSES])


def look_up(host: str, port: int, seconds: float) -> tuple[str, ...]:
    """The addresses of a name, each once; raises `Unresolved`, also when no name server answers within `seconds`.

    The system's resolver cannot be interrupted: it is left behind in a thread that ends with its own patience.
    """
    answers: queue.SimpleQueue[tuple[str, ...] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))
        else:
            answers.put(tuple(dict.fromkeys(str(one[4][0]) for one in found)))

    threading.Thread(target=ask, name="name-look-up", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise Unresolved(f"no answer in {seconds:g} s") from None
    if isinstance(answer, OSError):
        raise Unresolved(str(answer)) from answer
    return answer
