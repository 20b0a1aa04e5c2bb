"""One promise, two places: the engine of this machine and the same engine behind its service do the same."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from kapture.gateways.media import switch
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import About, Fetched, FetchRequest, MediaKind, Progress, Stage, Target
from tests.fetcher.running import TOKEN, Running, engines, until
from tests.gateways.media.conftest import QUICK, media
from tests.gateways.media.site import Site, endless, running, slow
from tests.gateways.media.test_fetch import padded

__all__ = ["media"]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running() as one:
        yield one


@pytest.fixture(scope="module")
def service(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    one = Running(tmp_path_factory.mktemp("service"), EGRESS_ALLOW=site.host).start()
    yield one
    one.stop()


class Door:
    """Fetching as the product does it, with what was heard; `quiet` is when nothing of it runs or lies about."""

    def __init__(self, place: str, scratch: Path, service: Running | None) -> None:
        self.place, self.scratch, self.service = place, scratch, service
        self.heard: list[Progress] = []
        self.about: list[About] = []
        self.stopped: Callable[[], bool] = lambda: False

    def fetch(self, request: FetchRequest, scratch: Path | None = None) -> Fetched:
        folder = scratch or self.scratch
        return switch.fetch(
            request,
            scratch=folder,
            on_progress=self.heard.append,
            stopped=self.stopped,
            on_about=self.about.append,
        )

    def fails(self, request: FetchRequest) -> FetchFailed:
        with pytest.raises(FetchFailed) as caught:
            self.fetch(request)
        assert list(self.scratch.iterdir()) == []
        self.assert_quiet()
        return caught.value

    def assert_quiet(self) -> None:
        assert engines(os.getpid()) == []
        if self.service is not None:
            assert self.service.engines() == []
            assert self.service.folders() == []


@pytest.fixture(params=["here", pytest.param("elsewhere", marks=pytest.mark.thorough)])
def door(request: pytest.FixtureRequest, settings: Settings, site: Site, tmp_path: Path) -> Door:
    settings.EGRESS_ALLOW = frozenset({site.host})
    if request.param == "here":
        return Door("here", tmp_path / "attempt-1", None)
    service = request.getfixturevalue("service")
    settings.YTDLP_SERVICE_URL, settings.YTDLP_SERVICE_TOKEN = service.url, TOKEN
    return Door("elsewhere", tmp_path / "attempt-1", service)


@pytest.fixture
def order(site: Site) -> Callable[..., FetchRequest]:
    """A request; keyword arguments go into it or into its limits."""

    def make(url: str, **values: object) -> FetchRequest:
        tight = {name: values.pop(name) for name in tuple(values) if hasattr(QUICK, name)}
        return FetchRequest(url=url, allow=(site.host,), limits=replace(QUICK, **tight), **values)

    return make


Order = Callable[..., FetchRequest]


def test_media_come_whole_with_what_is_known_of_them(door: Door, site: Site, media: Path, order: Order) -> None:
    body = padded((media / "clip.mp4").read_bytes(), 1 << 20)
    site.routes["/slowly.mp4"] = slow(body, pause=0.15)
    site.serve("/en.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello there\n", "text/vtt")
    track = '<track kind="subtitles" srclang="en" src="/en.vtt">'
    page = site.serve_html("/page", f'<video controls><source src="/slowly.mp4" type="video/mp4">{track}</video>')
    fetched = door.fetch(order(page, subtitles=True))
    facts = fetched.facts
    assert (facts.container, facts.video_codec, facts.audio_codec) == ("mp4", "h264", "aac")
    assert facts.sha256 == hashlib.sha256(fetched.path.read_bytes()).hexdigest()
    assert facts.size == fetched.path.stat().st_size
    assert fetched.thumbnail is not None
    assert fetched.thumbnail.read_bytes()[8:12] == b"WEBP"
    assert [path.parent for path in fetched.files] == [door.scratch] * len(fetched.files)
    assert [one.title for one in door.about] == ["A page"] == [fetched.about.title]
    assert [(one.language, one.automatic) for one in fetched.captions] == [("en", False)]
    assert "Hello there" in fetched.captions[0].path.read_text()
    assert door.heard[0].stage is Stage.LOOKING
    assert any(one.size and one.total == len(body) for one in door.heard)
    fractions = [one.fraction for one in door.heard if one.fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] <= 1
    door.assert_quiet()


@pytest.mark.parametrize(
    ("path", "kind", "target", "container"),
    [
        ("/clip.mp4", MediaKind.AUDIO, Target.MP3, "mp3"),
        ("/picture.png", MediaKind.IMAGE, Target.KEEP, "png"),
        ("/clip.m3u8", MediaKind.VIDEO, Target.KEEP, "mp4"),
    ],
)
def test_sound_pictures_and_playlists(
    door: Door, site: Site, media: Path, order: Order, path: str, kind: MediaKind, target: Target, container: str
) -> None:
    types = {".ts": "video/mp2t", ".mp4": "video/mp4", ".png": "image/png", ".m3u8": "application/vnd.apple.mpegurl"}
    for file in media.iterdir():
        if file.suffix in types:
            site.serve(f"/{file.name}", file.read_bytes(), types[file.suffix])
    fetched = door.fetch(order(site.url(path), kind=kind, target=target))
    assert fetched.facts.container == container
    assert fetched.facts.sha256 == hashlib.sha256(fetched.path.read_bytes()).hexdigest()


def test_an_address_of_the_inside_is_refused(door: Door, site: Site, order: Order) -> None:
    with running() as canary:
        failure = door.fails(order(site.redirect("/inside", canary.url("/secret.mp4"))))
        assert canary.hits == []
    assert failure.reason == Reason.REFUSED_ADDRESS


def test_what_is_too_large_or_too_slow_is_given_up(door: Door, site: Site, media: Path, order: Order) -> None:
    body = (media / "clip.mp4").read_bytes()
    url = site.serve("/clip.mp4", body, "video/mp4")
    assert door.fails(order(url, max_bytes=len(body) - 1)).reason == Reason.TOO_LARGE
    site.routes["/drips.mp4"] = endless(body[:2000], block=10, pause=0.1)
    failure = door.fails(order(site.url("/drips.mp4"), slow_seconds=1.0))
    assert failure.reason == Reason.TIMEOUT
    assert failure.retryable


def test_cancelling_leaves_no_process_and_no_file(door: Door, site: Site, media: Path, order: Order) -> None:
    site.routes["/endless.mp4"] = endless((media / "clip.mp4").read_bytes(), pause=0.05)
    door.stopped = lambda: any(one.size for one in door.heard)
    assert door.fails(order(site.url("/endless.mp4"))).reason == Reason.CANCELLED
    assert any(one.size for one in door.heard)


def test_one_that_is_cancelled_before_it_begins_reaches_nobody(door: Door, site: Site, order: Order) -> None:
    door.stopped = lambda: True
    assert door.fails(order(site.url("/never.mp4"))).reason == Reason.CANCELLED
    assert "/never.mp4" not in site.hits


def test_two_at_once_do_not_meet(door: Door, site: Site, media: Path, order: Order, tmp_path: Path) -> None:
    site.serve("/tall.mp4", (media / "tall.mp4").read_bytes(), "video/mp4")
    site.serve("/clip.mp4", (media / "clip.mp4").read_bytes(), "video/mp4")
    found: dict[str, Fetched] = {}

    def run(name: str) -> None:
        found[name] = door.fetch(order(site.url(f"/{name}.mp4")), tmp_path / f"attempt-{name}")

    threads = [threading.Thread(target=run, args=[name]) for name in ("tall", "clip")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: one.facts.height for name, one in found.items()} == {"tall": 480, "clip": 240}


def test_a_look_tells_and_fetches_nothing(door: Door, site: Site, media: Path, settings: Settings) -> None:
    url = site.serve("/clip.mp4", (media / "clip.mp4").read_bytes(), "video/mp4")
    assert switch.preview(url).title == "clip"
    with pytest.raises(FetchFailed) as caught:
        switch.preview(site.url("/nothing-here.mp4"))
    assert caught.value.reason == Reason.REMOVED
    door.assert_quiet()


def test_the_service_forgets_a_caller_that_died(site: Site, media: Path, tmp_path: Path) -> None:
    site.routes["/endless.mp4"] = endless((media / "clip.mp4").read_bytes(), pause=0.05)
    service = Running(tmp_path, EGRESS_ALLOW=site.host, FETCHER_FORGET_SECONDS="0.5").start()
    try:
        started = {"key": "a-caller-that-dies", "url": site.url("/endless.mp4")}
        assert service.ask("POST", "/download", json=started).status_code == 202
        path = "/download/a-caller-that-dies"
        until(lambda: (service.ask("GET", path).json()["progress"] or {}).get("size"))
        assert service.engines()
        until(lambda: not service.engines() and not service.folders())
        assert service.ask("GET", "/health").json()["running"] == 0
        assert service.ask("GET", path).status_code == 404
        # Its start, should it arrive once more, starts nothing.
        assert service.ask("POST", "/download", json=started).status_code == 410
    finally:
        service.stop()
