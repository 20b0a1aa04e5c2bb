"""The server under every stand-in, spoken to through bare sockets: what any HTTP client may rely on or run into."""

import gzip
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import urlsplit

import pytest

from kapture.sandbox.control import Control
from kapture.sandbox.messages import Request, Response
from kapture.sandbox.server import Server
from kapture.sandbox.standin import Knob, Route, StandIn


class Echo(StandIn):
    """Answers with what it was sent."""

    name = "echo"
    knobs: ClassVar[dict[str, Knob]] = {"greeting": "hello", "pause": 0.0}

    def routes(self) -> list[Route]:
        return [Route("POST", "/echo/{name}", self._echo), Route("GET", "/stream", self._stream)]

    def refuse(self, status: int, message: str) -> Response:
        return Response.json({"error": message}, status)

    def _echo(self, request: Request, names: dict[str, str]) -> Response:
        return Response.json({"name": names["name"], "body": request.json(), "greeting": self.settings["greeting"]})

    def _stream(self, request: Request, names: dict[str, str]) -> Response:
        return Response(200, {"content-type": "text/plain"}, (b"%d\n" % number for number in range(10)))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(Echo()) as running:
        yield running


@pytest.fixture
def control(server: Server) -> Control:
    control = Control(server.url)
    control.reset()
    return control


@pytest.fixture
def client(server: Server, control: Control) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=5)
    yield connection
    connection.close()


def echo(client: http.client.HTTPConnection, value: object = "x") -> tuple[int, bytes, dict[str, str]]:
    client.request("POST", "/echo/one", json.dumps(value), {"content-type": "application/json"})
    answer = client.getresponse()
    return answer.status, answer.read(), {name.lower(): text for name, text in answer.getheaders()}


def test_a_connection_is_kept_for_many_requests(client: http.client.HTTPConnection) -> None:
    client.connect()
    port = client.sock.getsockname()[1]
    assert [echo(client, number)[0] for number in range(3)] == [200, 200, 200]
    assert client.sock.getsockname()[1] == port


def test_chunked_bodies_are_read_to_their_end(client: http.client.HTTPConnection) -> None:
    for _ in range(2):
        client.request("POST", "/echo/one", iter([b'{"a":', b' "b"', b"}"]), encode_chunked=True)
        assert json.loads(client.getresponse().read())["body"] == {"a": "b"}


def test_zipped_bodies_are_unzipped(client: http.client.HTTPConnection) -> None:
    client.request("POST", "/echo/one", gzip.compress(b"[1, 2]"), {"content-encoding": "gzip"})
    assert json.loads(client.getresponse().read())["body"] == [1, 2]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"no json", {}),
        (b"not zipped", {"content-encoding": "gzip"}),
        (b"{}", {"content-encoding": "br"}),
    ],
)
def test_unreadable_bodies_are_refused_in_the_vendors_envelope(
    client: http.client.HTTPConnection, body: bytes, headers: dict[str, str]
) -> None:
    client.request("POST", "/echo/one", body, headers)
    answer = client.getresponse()
    assert answer.status == 400
    assert "error" in json.loads(answer.read())


def test_unknown_paths_and_methods_are_told_apart(client: http.client.HTTPConnection) -> None:
    client.request("GET", "/nowhere")
    answer = client.getresponse()
    assert (answer.status, json.loads(answer.read())) == (404, {"error": "Nothing is served at this path."})
    client.request("DELETE", "/echo/one")
    assert client.getresponse().status == 405


def test_the_journal_tells_what_came_over_the_wire(client: http.client.HTTPConnection, control: Control) -> None:
    client.request("POST", "/echo/one?a=1&b=", gzip.compress(b'{"k": 1}'), {"content-encoding": "gzip", "X-Who": "me"})
    client.getresponse().read()
    (entry,) = control.requests("POST /echo/*")
    assert (entry["method"], entry["path"], entry["query"], entry["body"]) == (
        "POST",
        "/echo/one",
        {"a": "1", "b": ""},
        {"k": 1},
    )
    assert entry["headers"]["x-who"] == "me"
    assert control.requests(since=entry["seq"]) == []
    control.clear_requests()
    assert control.requests() == []


def test_knobs_turn_and_reset(client: http.client.HTTPConnection, control: Control) -> None:
    control.turn(greeting="hi", pause=2)
    assert json.loads(echo(client)[1])["greeting"] == "hi"
    control.reset()
    assert json.loads(echo(client)[1])["greeting"] == "hello"


@pytest.mark.parametrize("knobs", [{"unknown": 1}, {"greeting": 3}, {"pause": "long"}])
def test_wrong_knobs_are_refused(control: Control, knobs: dict[str, float | str]) -> None:
    with pytest.raises(OSError, match="400"):
        control.turn(**knobs)


@pytest.mark.parametrize("options", [{"mode": "explode"}, {"mode": "status", "statsu": 500}])
def test_a_misspelt_fault_is_refused(control: Control, options: dict[str, object]) -> None:
    with pytest.raises(OSError, match="400"):
        control.fault(**options)  # type: ignore[arg-type]


def test_status_answers_with_retry_after_and_without_doing_the_work(
    client: http.client.HTTPConnection, control: Control
) -> None:
    control.fault("status", "POST /echo/*", status=429, retry_after=2, times=2)
    status, body, headers = echo(client)
    assert (status, headers["retry-after"]) == (429, "2")
    assert json.loads(body) == {"error": "Made to fail by the sandbox."}
    assert [echo(client)[0], echo(client)[0]] == [429, 200]
    assert [entry["fault"] for entry in control.requests()] == ["status", "status", None]


def test_faults_meet_only_their_route_and_their_text(client: http.client.HTTPConnection, control: Control) -> None:
    control.fault("status", "GET /echo/*", status=503)
    control.fault("status", "/echo/*", status=503, contains="poison")
    control.fault("status", "/echo/*", status=418, after=1)
    assert [echo(client, text)[0] for text in ("fine", "poison", "fine")] == [200, 503, 418]
    assert [waiting["left"] for waiting in control.faults()] == [1]
    control.clear_faults()
    assert control.faults() == []


def test_delay_is_late_but_right(client: http.client.HTTPConnection, control: Control) -> None:
    control.fault("delay", seconds=0.3)
    start = time.monotonic()
    assert echo(client)[0] == 200
    assert time.monotonic() - start >= 0.3


def test_hang_runs_into_the_clients_timeout(server: Server, control: Control) -> None:
    control.fault("hang", seconds=3)
    impatient = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=0.3)
    with pytest.raises(TimeoutError):
        echo(impatient)
    impatient.close()


def test_drop_closes_without_a_byte(client: http.client.HTTPConnection, control: Control) -> None:
    control.fault("drop")
    start = time.monotonic()
    with pytest.raises(http.client.RemoteDisconnected):
        echo(client)
    assert time.monotonic() - start < 1


def test_cut_resets_in_the_middle_of_the_body(server: Server, control: Control) -> None:
    control.fault("cut", size=20)
    with socket.create_connection(urlsplit(server.url).netloc.split(":"), timeout=5) as raw:  # type: ignore[arg-type]
        raw.sendall(b'POST /echo/one HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n"x"')
        received = raw.recv(4096)
        while not received.endswith(b'{"name":"one","body"'):
            received += raw.recv(4096)
        with pytest.raises(ConnectionResetError):
            raw.recv(4096)
    head, _, body = received.partition(b"\r\n\r\n")
    assert len(body) == 20
    assert int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]) > 20


def test_cut_and_truncate_count_the_parts_of_a_stream(client: http.client.HTTPConnection, control: Control) -> None:
    control.fault("truncate", "/stream", chunks=3)
    control.fault("truncate", "/stream", chunks=-2, body="end")
    control.fault("cut", "/stream", chunks=2)
    texts = []
    for _ in range(2):
        client.request("GET", "/stream")
        texts.append(client.getresponse().read())
    assert texts == [b"0\n1\n2\n", b"".join(b"%d\n" % number for number in range(8)) + b"end"]
    client.request("GET", "/stream")
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        client.getresponse().read()


def test_truncate_ends_json_cleanly_in_its_middle(client: http.client.HTTPConnection, control: Control) -> None:
    control.fault("truncate")
    status, body, headers = echo(client)
    assert (status, headers["content-length"]) == (200, str(len(body)))
    with pytest.raises(ValueError, match=r".*"):
        json.loads(body)


def test_drip_sends_slowly(client: http.client.HTTPConnection, control: Control) -> None:
    control.fault("drip", bps=100)
    start = time.monotonic()
    status, body, _ = echo(client)
    assert (status, json.loads(body)["name"]) == (200, "one")
    assert time.monotonic() - start >= 0.3


def test_schema_renames_every_key(client: http.client.HTTPConnection, control: Control) -> None:
    control.fault("schema")
    assert set(json.loads(echo(client, {"a": 1})[1])) == {"x_name", "x_body", "x_greeting"}


def test_empty_html_huge_and_exact_bodies(client: http.client.HTTPConnection, control: Control) -> None:
    control.fault("empty")
    control.fault("html")
    control.fault("huge", size=300_000)
    control.fault("body", body={"choices": []}, status=200)
    assert echo(client)[:2] == (200, b"")
    status, page, headers = echo(client)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.startswith(b"<!doctype html>")
    assert len(json.loads(echo(client)[1])["data"]) == 300_000 - 11
    assert json.loads(echo(client)[1]) == {"choices": []}


def test_stopping_lets_go_of_requests_that_hang() -> None:
    server = Server(Echo()).start()
    Control(server.url).fault("hang", seconds=60)
    client = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    threading.Timer(0.3, server.stop).start()
    start = time.monotonic()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        echo(client)
    assert time.monotonic() - start < 5
    client.close()
