"""Upstream proxies: each in turn, none that rests, never without, and their credentials nowhere."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django.fixtures import Settings

from kapture.core.errors import VendorFailed
from kapture.gateways import breaker
from kapture.gateways.media import engine, rotation
from kapture.gateways.media.proxy.notes import Notes
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import FetchRequest
from kapture.gateways.scraping import search
from kapture.settings.ways_out import one_of, upstreams
from tests.api.answers import accepted
from tests.gateways.media.conftest import QUICK
from tests.gateways.media.site import Site

ONE, TWO = "http://user:secret@one.test:3128", "http://two.test:3128"


@pytest.fixture
def proxies(settings: Settings) -> Iterator[None]:
    settings.YTDLP_PROXIES = (ONE, TWO)
    forget(settings)
    yield
    forget(settings)


def forget(settings: Settings) -> None:
    rotation._own.clear()
    for one in rotation.upstreams() if settings.REDIS_URL else ():
        breaker.reset(rotation._name(one))


def failed() -> Notes:
    notes = Notes()
    notes.upstream_failed()
    return notes


def worked() -> Notes:
    notes = failed()
    notes.upstream_worked()
    return notes


def test_without_proxies_the_way_is_direct() -> None:
    assert rotation.pick() is None
    rotation.record(None, failed())


@pytest.mark.parametrize("is_shared", [True, False])
def test_each_has_its_turn_and_one_that_fails_rests(proxies: None, settings: Settings, is_shared: bool) -> None:
    if not is_shared:
        settings.REDIS_URL = ""
    first, second = rotation.pick(), rotation.pick()
    assert {first, second} == set(rotation.upstreams())
    assert first is not None
    assert rotation.pick() == first
    for _ in range(breaker.FAILURES - 1):
        rotation.record(first, failed())
    rotation.record(first, worked())
    rotation.record(first, Notes())
    for _ in range(breaker.FAILURES):
        assert rotation.rest_of(first) == 0
        rotation.record(first, failed())
    assert 0 < rotation.rest_of(first) <= breaker.REST_SECONDS
    assert {rotation.pick() for _ in range(4)} == {second}


def test_when_all_rest_nothing_goes_out_directly(
    proxies: None, settings: Settings, site: Site, scratch: Path, client: Client, db: None
) -> None:
    for one in rotation.upstreams():
        for _ in range(breaker.FAILURES):
            rotation.record(one, failed())
    request = FetchRequest(site.url("/clip.mp4"), allow=(site.host,))
    with pytest.raises(FetchFailed) as resting:
        engine.fetch(request, scratch=scratch, on_progress=lambda _: None, stopped=lambda: False)
    assert resting.value.reason == Reason.NO_WAY_OUT
    assert resting.value.retryable
    with pytest.raises(FetchFailed) as cancelled:
        engine.fetch(request, scratch=scratch, on_progress=lambda _: None, stopped=lambda: True)
    assert cancelled.value.reason == Reason.CANCELLED
    assert site.hits == []
    settings.YOUTUBE_PROXY = ""
    with pytest.raises(VendorFailed):
        search._upstream()
    told = accepted(client.get("/api/health"))["checks"]["proxies"]
    assert told["status"] == "down"
    assert told["detail"].startswith("0 of 2 proxies in use; number 1 rests for ")
    assert "secret" not in told["detail"]
    assert "one.test" not in told["detail"]


def test_a_search_takes_its_own_proxy_before_those_of_downloads(proxies: None, settings: Settings) -> None:
    settings.YOUTUBE_PROXY = "http://search.test:3128"
    own = search._upstream()
    assert own is not None
    assert (own.shown, own.names_only) == ("search.test:3128", False)
    settings.YOUTUBE_PROXY = ""
    assert search._upstream() in rotation.upstreams()


def test_a_fetch_goes_through_the_upstream_and_its_health_is_noted(
    settings: Settings, site: Site, media: Path, scratch: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site.serve("/clip.mp4", (media / "clip.mp4").read_bytes(), "video/mp4")
    with Relay() as (pair, asked):
        settings.YTDLP_PROXIES = (f"http://user:secret@{pair}",)
        request = FetchRequest(site.url("/clip.mp4"), allow=(site.host,), limits=QUICK)
        with caplog.at_level("INFO"):
            engine.fetch(request, scratch=scratch, on_progress=lambda _: None, stopped=lambda: False)
    assert set(asked) == {f"CONNECT {site.host} HTTP/1.1"}
    assert "secret" not in caplog.text
    (one,) = rotation.upstreams()
    assert rotation.rest_of(one) == 0


class Relay:
    """A proxy of somebody else that really connects; the first lines of what it was asked."""

    def __enter__(self) -> tuple[str, list[str]]:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.asked: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()
        return f"127.0.0.1:{self.server.getsockname()[1]}", self.asked

    def __exit__(self, *_: object) -> None:
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            line = client.recv(4096).decode().split("\r\n")[0]
            self.asked.append(line)
            host, _, port = line.split(" ")[1].partition(":")
            remote = socket.create_connection((host, int(port)))
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            for source, target in ((client, remote), (remote, client)):
                threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while block := source.recv(65536):
                target.sendall(block)
            target.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def test_settings_that_make_no_sense_stop_the_start_without_repeating_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YTDLP_PROXIES", f" {ONE}, {TWO},")
    assert upstreams("YTDLP_PROXIES") == (ONE, TWO)
    for wrong in ("one.test:3128", "socks5://user:secret@one.test:1", "http://user:secret@one.test", "http://[secret"):
        monkeypatch.setenv("YTDLP_PROXIES", f"{TWO},{wrong}")
        with pytest.raises(ImproperlyConfigured, match="entry 2") as error:
            upstreams("YTDLP_PROXIES")
        assert "secret" not in str(error.value)
    assert one_of("NOT_SET", ("auto", "off")) == "auto"
    monkeypatch.setenv("DOWNLOAD_SANDBOX", "perhaps")
    with pytest.raises(ImproperlyConfigured):
        one_of("DOWNLOAD_SANDBOX", ("auto", "off"))
