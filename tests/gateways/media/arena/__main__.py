"""Runs the real engine through every vector and prints what came of each, and what the canaries saw, as one JSON."""

import json
import logging
import os
import socket
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import django
from django.conf import settings

from kapture.gateways.media import engine, sandbox
from kapture.gateways.media.proxy.server import Proxy
from kapture.gateways.media.reasons import FetchFailed
from kapture.gateways.media.types import FetchRequest, Limits, MediaKind
from tests.gateways.media.arena.names import Names
from tests.gateways.media.arena.site import Host
from tests.gateways.media.arena.vectors import LINKS, SETS, TARGETS
from tests.gateways.media.arena.world import Canaries, enter

AT_ONCE = 4
QUICK = Limits(max_bytes=16 << 20, max_seconds=40.0, look_seconds=20.0, socket_seconds=5.0)
PICTURES = ("S54c",)


def fetched(link: str, name: str) -> str:
    """The reason a fetch ended with, or `fetched`."""
    kind = MediaKind.IMAGE if name in PICTURES else MediaKind.VIDEO
    request = FetchRequest(url=link, kind=kind, limits=QUICK)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / "scratch"
        try:
            engine.fetch(request, scratch=scratch, on_progress=lambda _: None, stopped=lambda: False)
        except FetchFailed as failure:
            left = list(scratch.iterdir())
            return f"{failure.reason}{' and left files' if left else ''}"
        return "fetched"


def asked(host: str, port: int) -> str:
    """The status line with which the proxy answers a request for a tunnel and, on port 80, for a page."""
    told = []
    with Proxy() as proxy:
        address = ("127.0.0.1", proxy.listen())
        known = f"Proxy-Authorization: {proxy.rules.token}\r\n\r\n"
        requests = [f"CONNECT {host}:{port} HTTP/1.1\r\n{known}"]
        requests.append(f"GET http://{host}:{port}/ HTTP/1.1\r\n{known}")
        for request in requests:
            with socket.create_connection(address, timeout=15) as client:
                client.sendall(request.encode())
                told.append(client.recv(100).decode("latin-1").partition(" ")[2][:3])
    return " ".join(told)


def silent() -> float:
    """The seconds that a proxy with a cap of one second takes over a name that nobody answers for."""
    started = time.monotonic()
    with Proxy() as proxy:
        budget = replace(proxy.budget.caps, connect_seconds=1.0)
        proxy.budget.caps = budget
        with socket.create_connection(("127.0.0.1", proxy.listen()), timeout=15) as client:
            known = f"Proxy-Authorization: {proxy.rules.token}\r\n\r\n"
            client.sendall(f"CONNECT silent.test:443 HTTP/1.1\r\n{known}".encode())
            client.recv(100)
        return time.monotonic() - started


def main() -> int:
    """A set of vectors (`few`, `core`, `all`) behind walls (`auto`, `off`), with a film to serve: three arguments."""
    chosen, film = SETS[sys.argv[2]], Path(sys.argv[3]).read_bytes()
    django.setup()
    logging.disable(logging.CRITICAL)
    settings.DOWNLOAD_SANDBOX = sys.argv[1]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"
    with tempfile.TemporaryDirectory() as folder:
        if reason := enter(Path(folder)):
            sys.stdout.write(json.dumps({"skipped": reason}))
            return 0
        canaries, names, host = Canaries(), Names(), Host(film)
        # A canary that sings for nobody proves nothing.
        with socket.create_connection(("10.0.0.5", 6379), timeout=5), socket.create_connection(("::1", 80), timeout=5):
            pass
        time.sleep(0.05)
        alive, canaries.seen[:] = list(canaries.seen), []
        wanted = {name: LINKS[name] for name in chosen}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ends = dict(zip(wanted, pool.map(lambda name: fetched(wanted[name], name), wanted), strict=True))
            answers = {name: asked(*target) for name, target in TARGETS.items()}
        told = {
            "walls": [sandbox.in_force().network, sandbox.in_force().files],
            "alive": alive,
            "ends": ends,
            "answers": answers,
            "silent": silent(),
            "good": fetched("http://public.test/clip.mp4", "good"),
            "by redirect": fetched("http://cdn.public.test/film.mp4", "good"),
            "canaries": canaries.seen,
            "rebound": names.asked["rebind.test"],
            "served": host.served,
        }
        sys.stdout.write(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
