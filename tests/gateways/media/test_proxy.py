"""The way out: what the proxy lets through, to which address, how much of it, and what it leaves behind."""

import base64
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from kapture.gateways.media.proxy.budget import Caps
from kapture.gateways.media.proxy.heads import BadMessage, closing, parse_ask, status
from kapture.gateways.media.proxy.server import Proxy
from kapture.gateways.media.proxy.upstream import Upstream, parse
from kapture.gateways.media.proxy.verdicts import Refused, Unresolved, Way, judge, look_up
from tests.gateways.media.site import Site, endless

PUBLIC = "93.184.216.34"


def answering(*addresses: str) -> Callable[[str, int, float], tuple[str, ...]]:
    return lambda host, port, seconds: addresses


@contextmanager
def asking(proxy: Proxy, head: str, *, known: bool = True, after: str = "") -> Iterator[socket.socket]:
    """A connection to a proxy that has sent this head."""
    token = f"Proxy-Authorization: {proxy.rules.token}\r\n" if known else ""
    with proxy, socket.create_connection(("127.0.0.1", proxy.listen()), timeout=5) as client:
        client.sendall(f"{head}\r\n{token}\r\n{after}".encode("latin-1"))
        yield client


def everything(client: socket.socket) -> bytes:
    """What comes until the other side closes, kindly or not."""
    got = b""
    with suppress(ConnectionResetError):
        while block := client.recv(64 << 10):
            got += block
    return got


# --- the verdict ---


@pytest.mark.parametrize("addresses", [("10.0.0.5",), (PUBLIC, "127.0.0.1"), ("::1", PUBLIC), ("fe80::1%lo",)])
def test_one_private_address_condemns_a_name(addresses: tuple[str, ...]) -> None:
    with pytest.raises(Refused):
        judge("name.test", 443, allow=(), seconds=1, resolve=answering(*addresses))


def test_a_public_name_is_reached_at_what_was_vetted() -> None:
    way = judge("Bücher.test.", 443, allow=(), seconds=1, resolve=answering(PUBLIC, "2606:4700:4700::1111"))
    assert way == Way("xn--bcher-kva.test", 443, (PUBLIC, "2606:4700:4700::1111"))


def test_an_allowed_pair_is_reached_wherever_it_is_and_no_other_port_of_it() -> None:
    allow = {"site.internal:8123", "[::1]:8123"}
    assert judge("site.internal", 8123, allow=allow, seconds=1, resolve=answering("10.0.0.5")).addresses == (
        "10.0.0.5",
    )
    assert judge("[::1]", 8123, allow=allow, seconds=1, resolve=answering("::1")).host == "::1"
    for host, port in (("site.internal", 80), ("other.internal", 8123), ("127.0.0.1", 8123)):
        with pytest.raises(Refused):
            judge(host, port, allow=allow, seconds=1, resolve=answering("10.0.0.5"))


def test_a_name_without_addresses_is_unresolved() -> None:
    with pytest.raises(Unresolved):
        judge("name.test", 80, allow=(), seconds=1, resolve=answering())


def test_a_stand_in_is_told_names_and_still_no_address_of_the_inside() -> None:
    way = judge("name.test", 443, allow=(), seconds=1, resolve=answering("10.0.0.5"), names_only=True)
    assert way == Way("name.test", 443)
    with pytest.raises(Refused):
        judge("10.0.0.5", 443, allow=(), seconds=1, resolve=answering(PUBLIC), names_only=True)


def test_looking_up_ends_in_addresses_or_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert look_up("127.0.0.1", 80, 1) == ("127.0.0.1",)
    for name in ("a.invalid", "x" * 80 + ".test"):
        with pytest.raises(Unresolved):
            look_up(name, 80, 5)
    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [never.wait(5)][:0])
    started = time.monotonic()
    with pytest.raises(Unresolved, match="no answer"):
        look_up("silent.test", 80, 0.1)
    assert time.monotonic() - started < 1
    never.set()


# --- heads ---


@pytest.mark.parametrize(
    "head",
    [
        "",
        "GET",
        "GET http://public.test/",
        "GET  http://public.test/ HTTP/1.1",
        "GET http://public.test/ x HTTP/1.1",
        "GET /path HTTP/1.1",
        "GET //127.0.0.1/ HTTP/1.1",
        "GET https://public.test/ HTTP/1.1",
        "GET file:///etc/passwd HTTP/1.1",
        "GET http://user@127.0.0.1/ HTTP/1.1",
        "GET http://[[::1]]/ HTTP/1.1",
        "GET http://[::1/ HTTP/1.1",
        "GET http:/// HTTP/1.1",
        "GET http://public.test:x/ HTTP/1.1",
        "TRACE http://public.test/ HTTP/1.1",
        "CONNECT public.test HTTP/1.1",
        "CONNECT public.test:443@10.0.0.5:443 HTTP/1.1",
        "CONNECT public.test/x:443 HTTP/1.1",
        "CONNECT [fe80::1%lo]:443 HTTP/1.1",
        "CONNECT public.test:443 HTTP/1.1\r\nno colon",
        "CONNECT public.test:443 HTTP/1.1\r\n folded: line",
        "CONNECT public.test:443 HTTP/1.1\r\nA: b\nHost: x",
        "POST http://public.test/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2",
        "POST http://public.test/ HTTP/1.1\r\nContent-Length: -1",
        "POST http://public.test/ HTTP/1.1\r\nContent-Length: 99999999999",
        "POST http://public.test/ HTTP/1.1\r\nTransfer-Encoding: chunked",
    ],
)
def test_a_head_that_two_readers_could_read_differently_is_not_passed_on(head: str) -> None:
    with pytest.raises(BadMessage):
        parse_ask(head.encode())


def test_a_request_is_written_anew_from_what_was_understood() -> None:
    lines = ["GET http://Public.test:8080/a?b=c#d HTTP/1.0", "Host: 10.0.0.5", "Proxy-Authorization: x", "Accept: */*"]
    ask = parse_ask("\r\n".join([*lines, "Connection: keep-alive"]).encode())
    assert (ask.host, ask.port, ask.is_tunnel, ask.header("proxy-authorization")) == ("Public.test", 8080, False, "x")
    assert ask.head() == (b"GET /a?b=c HTTP/1.1\r\nHost: Public.test:8080\r\nAccept: */*\r\nConnection: close\r\n\r\n")
    bare = parse_ask(b"POST http://public.test HTTP/1.1\r\nContent-Length: 5")
    assert bare.head().startswith(b"POST / HTTP/1.1\r\nHost: public.test\r\n")
    assert (bare.body, bare.header("accept")) == (5, "")
    assert parse_ask(b"CONNECT [2606:4700::1]:443 HTTP/1.1").host == "[2606:4700::1]"


def test_an_answer_is_told_to_be_the_last() -> None:
    told = closing(b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: 5\r\nContent-Length: 1")
    assert told == b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n"
    for broken in (b"ICY 200 OK", b"HTTP/1.1 101 Switching", b"HTTP/2 200", b"HTTP/1.1 2000"):
        with pytest.raises(BadMessage):
            closing(broken)
    with pytest.raises(BadMessage):
        status(b"220 smtp.example.com ESMTP")


# --- through real sockets ---


def test_a_request_and_its_answer_pass_once(site: Site) -> None:
    site.serve("/a", b"body", "text/plain")
    with asking(Proxy(allow={site.host}), f"GET {site.url('/a')}?q=1 HTTP/1.1") as client:
        got = everything(client)
    assert got.startswith(b"HTTP/1.1 200 ")
    assert got.endswith(b"body")
    assert site.hits == ["/a?q=1"]


def test_a_second_request_on_the_same_connection_goes_nowhere(site: Site, canary: Site) -> None:
    site.routes["/a"] = endless(b"", pause=0.05)
    with asking(Proxy(allow={site.host}), f"GET {site.url('/a')} HTTP/1.1") as client:
        client.recv(1000)
        client.sendall(f"GET {canary.url('/')} HTTP/1.1\r\n\r\n".encode())
        everything(client)
    with asking(Proxy(allow={site.host}), f"GET {site.url('/b')} HTTP/1.1", after="GET x") as client:
        assert everything(client) == b""
    assert canary.hits == []
    assert site.hits == ["/a"]


def test_a_body_is_passed_on_and_no_byte_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        pair = f"127.0.0.1:{server.getsockname()[1]}"
        head = f"POST http://{pair}/ HTTP/1.1\r\nContent-Length: 6"
        with asking(Proxy(allow={pair}), head) as client:
            client.sendall(b"abc")
            remote, _ = server.accept()
            with remote:
                got = b""
                while b"abc" not in got:
                    got += remote.recv(1000)
                client.sendall(b"def")
                assert remote.recv(10) == b"def"
                remote.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n")
                remote.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            assert everything(client) == b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n" * 7, b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70_000],
)
def test_an_answer_that_is_none_is_not_passed_on(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        pair = f"127.0.0.1:{server.getsockname()[1]}"
        with asking(Proxy(allow={pair}), f"GET http://{pair}/ HTTP/1.1") as client:
            remote, _ = server.accept()
            with remote, suppress(OSError):
                remote.recv(4096)
                remote.sendall(answer)
            assert everything(client) == b""


def test_silence_and_half_a_body_end_the_exchange(site: Site) -> None:
    site.routes["/a"] = endless(b"x", block=1, pause=5)
    with asking(Proxy(allow={site.host}, caps=Caps(idle_seconds=0.2)), f"GET {site.url('/a')} HTTP/1.1") as client:
        assert everything(client).startswith(b"HTTP/1.1 200 ")
    proxy = Proxy(allow={site.host})
    with asking(proxy, f"POST {site.url('/b')} HTTP/1.1\r\nContent-Length: 9", after="half") as client:
        client.shutdown(socket.SHUT_WR)
        assert everything(client) == b""


def test_a_tunnel_carries_bytes_both_ways_and_ends_with_either_side() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        pair = f"127.0.0.1:{server.getsockname()[1]}"
        with asking(Proxy(allow={pair}), f"CONNECT {pair} HTTP/1.1") as client:
            assert client.recv(100).startswith(b"HTTP/1.1 200 ")
            remote, _ = server.accept()
            with remote:
                client.sendall(b"ping")
                assert remote.recv(10) == b"ping"
                remote.sendall(b"pong")
                assert client.recv(10) == b"pong"
            assert client.recv(10) == b""


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("CONNECT 10.0.0.5:443 HTTP/1.1", b"403"),
        ("CONNECT public.test:22 HTTP/1.1", b"403"),
        ("CONNECT nonsense HTTP/1.1", b"403"),
        ("GET http://169.254.169.254/latest HTTP/1.1", b"403"),
        ("CONNECT unknown.test:443 HTTP/1.1", b"502"),
    ],
)
def test_a_refusal_is_noted_for_the_fetch_and_an_unknown_name_is_not(head: str, code: bytes) -> None:
    proxy = Proxy(resolve=answering())
    with asking(proxy, head) as client:
        assert everything(client).split(b" ")[1] == code
    assert bool(proxy.notes.refused) == (code == b"403")


def test_the_log_names_the_host_and_never_what_was_asked_of_it(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level("INFO"),
        asking(Proxy(allow={site.host}), f"GET {site.url('/a?key=secret')} HTTP/1.1") as client,
    ):
        everything(client)
    assert site.host in caplog.text
    assert "secret" not in caplog.text


def test_a_stranger_on_the_same_machine_is_not_served(site: Site) -> None:
    with asking(Proxy(allow={site.host}), f"GET {site.url('/a')} HTTP/1.1", known=False) as client:
        assert everything(client).split(b" ")[1] == b"407"
    assert site.hits == []


def test_nobody_listening_and_silence_end_in_an_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        gone = f"127.0.0.1:{server.getsockname()[1]}"
    with asking(Proxy(allow={gone}), f"CONNECT {gone} HTTP/1.1") as client:
        assert everything(client).split(b" ")[1] == b"502"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        pair = f"127.0.0.1:{silent.getsockname()[1]}"
        proxy = Proxy(allow={pair}, caps=Caps(idle_seconds=0.2))
        with asking(proxy, f"CONNECT {pair} HTTP/1.1") as client:
            assert everything(client).startswith(b"HTTP/1.1 200 ")
    overdue = Proxy(allow={gone}, caps=Caps(seconds=0.0))
    with overdue, socket.create_connection(("127.0.0.1", overdue.listen()), timeout=5) as client:
        assert client.recv(100).split(b" ")[1] == b"504"


def test_too_many_bytes_are_cut_off_and_told(site: Site) -> None:
    site.routes["/a"] = endless(b"", block=64 << 10)
    proxy = Proxy(allow={site.host}, caps=Caps(look_bytes=1 << 20, max_bytes=1 << 20))
    with asking(proxy, f"GET {site.url('/a')} HTTP/1.1") as client:
        assert len(everything(client)) <= 1 << 20
    assert proxy.budget.is_spent
    assert proxy.notes.refused == ""


def test_more_may_come_once_looking_is_over(site: Site) -> None:
    site.serve("/a", bytes(4 << 20))
    proxy = Proxy(allow={site.host}, caps=Caps(look_bytes=1 << 20, max_bytes=8 << 20))
    with asking(proxy, f"GET {site.url('/a')} HTTP/1.1") as client:
        client.recv(1)
        proxy.budget.widen()
        assert len(everything(client)) >= 4 << 20
    assert not proxy.budget.is_spent


def test_a_head_without_end_is_not_read_for_ever(site: Site) -> None:
    proxy = Proxy(allow={site.host})
    with proxy, socket.create_connection(("127.0.0.1", proxy.listen()), timeout=5) as client:
        client.sendall(b"GET http://public.test/ HTTP/1.1\r\nA: " + b"x" * (80 << 10))
        assert client.recv(100).split(b" ")[1] == b"502"


def test_only_so_many_connections_at_once() -> None:
    with Proxy(caps=Caps(connections=2)) as proxy:
        address = ("127.0.0.1", proxy.listen())
        with socket.create_connection(address), socket.create_connection(address):
            time.sleep(0.1)
            with socket.create_connection(address, timeout=5) as third:
                assert third.recv(10) == b""


def test_closing_leaves_no_thread_no_listener_and_no_connection(site: Site) -> None:
    before = set(threading.enumerate())
    site.routes["/a"] = endless(b"", pause=0.02)
    with Proxy(allow={site.host}) as proxy:
        address = ("127.0.0.1", proxy.listen())
        client = socket.create_connection(address, timeout=5)
        idle = socket.create_connection(address, timeout=5)
        client.sendall(f"GET {site.url('/a')} HTTP/1.1\r\nProxy-Authorization: {proxy.rules.token}\r\n\r\n".encode())
        assert client.recv(100)
    with client, idle:
        everything(client)
        assert idle.recv(10) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5)
    left = {one for one in set(threading.enumerate()) - before if one.name.startswith("way-out")}
    assert left == set()


# --- upstream proxies ---


@contextmanager
def upstream(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A proxy of somebody else that says these things and then echoes; the heads it was sent."""
    heads: list[bytes] = []

    def serve(server: socket.socket) -> None:
        for answer in answers:
            sock, _ = server.accept()
            with sock:
                heads.append(sock.recv(4096))
                sock.sendall(answer)
                if b" 200 " in answer:
                    sock.sendall(sock.recv(100))

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,), daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}", heads


def test_the_target_is_vetted_first_and_told_to_the_upstream_by_its_address() -> None:
    with upstream(b"HTTP/1.1 200 OK\r\n\r\n") as (pair, heads):
        proxy = Proxy(upstream=parse(f"http://us%40er:pass@{pair}"), resolve=answering(PUBLIC))
        with asking(proxy, "CONNECT public.test:443 HTTP/1.1") as client:
            assert client.recv(100).split(b" ")[1] == b"200"
            client.sendall(b"hello")
            assert client.recv(100) == b"hello"
    known = base64.b64encode(b"us@er:pass").decode()
    assert heads == [
        f"CONNECT {PUBLIC}:443 HTTP/1.1\r\nHost: {PUBLIC}:443\r\nProxy-Authorization: Basic {known}\r\n\r\n".encode()
    ]
    assert (proxy.notes.worked, proxy.notes.failed) == (1, 0)
    with upstream() as (pair, heads):
        refused = Proxy(upstream=parse(f"http://{pair}"), resolve=answering("10.0.0.5"))
        with asking(refused, "CONNECT public.test:443 HTTP/1.1") as client:
            assert client.recv(100).split(b" ")[1] == b"403"
    assert heads == []


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (b"HTTP/1.1 407 Who are you\r\n\r\n", 1),
        (b"hello\r\n\r\n", 1),
        (b"HTTP/1.1 200 OK\r\n\r\nunasked", 1),
        (b"", 1),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", 0),
    ],
)
def test_a_broken_upstream_is_told_from_a_broken_target(answer: bytes, failed: int) -> None:
    with upstream(answer) as (pair, _):
        proxy = Proxy(upstream=parse(f"http://{pair}"), resolve=answering("2606:4700:4700::1111"))
        with asking(proxy, "CONNECT public.test:443 HTTP/1.1") as client:
            assert client.recv(100).split(b" ")[1] == b"502"
    assert (proxy.notes.worked, proxy.notes.failed) == (0, failed)


def test_an_upstream_that_is_away_is_never_gone_round(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        gone = server.getsockname()[1]
    proxy = Proxy(allow={site.host}, upstream=Upstream("127.0.0.1", gone))
    with asking(proxy, f"GET {site.url('/a')} HTTP/1.1") as client:
        assert client.recv(100).split(b" ")[1] == b"502"
    assert site.hits == []
    assert proxy.notes.failed == 1


def test_an_upstream_that_does_not_speak_tls_is_not_spoken_to_in_the_clear(site: Site) -> None:
    host, port = site.host.split(":")
    proxy = Proxy(allow={site.host}, upstream=Upstream(host, int(port), tls=True))
    with asking(proxy, f"GET {site.url('/a')} HTTP/1.1") as client:
        assert client.recv(100).split(b" ")[1] == b"502"
    assert site.hits == []
    assert proxy.notes.failed == 1


def test_a_client_that_dies_before_it_sends_its_socket_is_not_waited_for() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    proxy = Proxy()
    proxy.adopt(ours)
    proxy.close()
    assert not any(thread.is_alive() for thread in proxy._threads)


def test_credentials_are_shown_nowhere() -> None:
    one = parse("http://user:secret@proxy.test:3128")
    assert "secret" not in repr(one)
    assert one.credentials not in repr(one)
    assert one.shown == "proxy.test:3128"
    assert parse("https://proxy.test/").port == 443
    for text in ("ftp://a:secret@b:1", "http://a:secret@b:x", "http://a:secret@", "http://a:secret@b:1/path"):
        with pytest.raises(ValueError, match="must be an address") as wrong:
            parse(text)
        assert "secret" not in str(wrong.value)
