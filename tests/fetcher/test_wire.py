"""What goes wrong between the product and the service ends whole, or with its name and an empty folder."""

import hashlib
import json
import time
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from kapture.gateways.media import patience, switch
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import Stage
from tests.fetcher.conftest import Caller
from tests.fetcher.meddler import Meddler, Wire, meddling
from tests.fetcher.running import TOKEN, Running
from tests.gateways.media.site import Site

pytestmark = pytest.mark.thorough

SHA = hashlib.sha256(b"x").hexdigest()
FACTS = {"container": "mp4", "content_type": "video/mp4", "suffix": ".mp4", "size": 1, "sha256": SHA}
ABOUT = {"title": "A title", "heights": []}
DONE = {"about": ABOUT, "facts": FACTS, "path": "media.mp4", "thumbnail": None, "captions": []}
FILE = {"name": "media.mp4", "size": 1, "sha256": SHA}


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller who does not wait long for a service that stays away."""
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.5)


def test_a_lost_answer_to_the_start_starts_nothing_twice(
    wire: Meddler, caller: Caller, site: Site, service: Running, clip: str
) -> None:
    before = len(site.hits)
    caller.fetch(clip)
    once = len(site.hits) - before

    def lose(here: Wire) -> None:
        here.ask()
        here.hang_up()

    wire.spoil("POST", "/download", lose)
    wire.spoil("GET", "/download", lose)
    caller.scratch = caller.scratch.with_name("attempt-2")
    caller.fetch(clip)
    assert [seen[0] for seen in wire.seen].count("POST") == 3
    assert len(site.hits) - before < 3 * once
    assert service.folders() == []
    assert wire.seen[-1][0] == "DELETE"


def test_a_cut_file_is_taken_up_where_it_broke_off(wire: Meddler, caller: Caller, clip: str, media: Path) -> None:
    def cut(here: Wire) -> None:
        response = here.ask()
        whole = response.content
        here.answer(206, whole[: len(whole) // 2], response.headers, length=len(whole))
        here.hang_up()

    wire.spoil("GET", "/files/media", cut, times=2)
    fetched = caller.fetch(clip)
    assert fetched.facts.sha256 == hashlib.sha256(fetched.path.read_bytes()).hexdigest()
    starts = [int(wanted.removeprefix("bytes=").rstrip("-")) for _, path, wanted in wire.seen if "/files/media" in path]
    assert len(starts) == 3
    assert starts == sorted(set(starts))
    assert caller.heard[-1].stage is Stage.BRINGING


def test_a_damaged_file_is_not_believed(wire: Meddler, caller: Caller, clip: str) -> None:
    def damage(here: Wire) -> None:
        response = here.ask()
        here.answer(206, bytes([response.content[0] ^ 1]) + response.content[1:], response.headers)

    wire.spoil("GET", "/files/media", damage)
    failure = caller.fails(clip)
    assert (failure.reason, failure.retryable) == (Reason.SERVICE_FAULT, True)


def test_a_delivery_below_the_agreed_speed_is_given_up(wire: Meddler, caller: Caller, clip: str) -> None:
    def drip(here: Wire) -> None:
        response = here.ask()
        here.answer(206, b"", response.headers, length=len(response.content))
        for byte in response.content[:400]:
            here.wfile.write(bytes([byte]))
            time.sleep(0.02)
        here.hang_up()

    wire.spoil("GET", "/files/media", drip, times=9)
    failure = caller.fails(clip, slow_seconds=0.6)
    assert (failure.reason, failure.retryable) == (Reason.TIMEOUT, True)


def test_cancelling_a_delivery_ends_it_on_both_sides(
    wire: Meddler, caller: Caller, service: Running, clip: str
) -> None:
    def stall(here: Wire) -> None:
        response = here.ask()
        here.answer(206, response.content[:1000], response.headers, length=len(response.content))
        time.sleep(0.5)
        here.hang_up()

    wire.spoil("GET", "/files/media", stall, times=9)
    caller.stopped = lambda: any(one.stage is Stage.BRINGING for one in caller.heard)
    assert caller.fails(clip).reason == Reason.CANCELLED
    assert service.folders() == []


def test_files_that_stay_away_end_as_a_service_that_is_down(
    wire: Meddler, caller: Caller, clip: str, hurried: None
) -> None:
    wire.spoil("GET", "/files/", Wire.hang_up, times=99)
    assert caller.fails(clip).reason == Reason.SERVICE_DOWN


def test_a_service_that_forgot_everything_is_named_at_once(wire: Meddler, caller: Caller, clip: str) -> None:
    wire.spoil("GET", "/files/", lambda here: here.answer(404, b"{}", {}))
    failure = caller.fails(clip)
    assert (failure.reason, failure.retryable) == (Reason.SERVICE_DOWN, True)


def test_no_room_is_waited_for_by_a_download_and_not_by_a_look(wire: Meddler, caller: Caller, clip: str) -> None:
    def full(here: Wire) -> None:
        here.answer(429, b"{}", {"Retry-After": "1"})

    wire.spoil("POST", "/preview", full)
    with pytest.raises(FetchFailed) as caught:
        switch.preview(clip)
    assert caught.value.reason == Reason.SERVICE_DOWN
    wire.spoil("POST", "/download", full)
    assert caller.fetch(clip).facts.container == "mp4"


def test_a_wrong_token_is_told_as_such(wire: Meddler, caller: Caller, clip: str, settings: Settings) -> None:
    settings.YTDLP_SERVICE_TOKEN = "another token that is long enough to be one"
    failure = caller.fails(clip)
    assert (failure.reason, failure.retryable) == (Reason.SERVICE_REFUSED, False)


def test_a_service_that_is_killed_fails_by_name_and_serves_the_next_attempt(
    site: Site, clip: str, tmp_path: Path, caller: Caller, settings: Settings, hurried: None
) -> None:
    service = Running(tmp_path / "home", EGRESS_ALLOW=site.host).start()
    settings.YTDLP_SERVICE_URL, settings.YTDLP_SERVICE_TOKEN = service.url, TOKEN
    caller.heard = Fuse(service.kill)
    try:
        failure = caller.fails(clip)
        assert (failure.reason, failure.retryable) == (Reason.SERVICE_DOWN, True)
        service.start()
        assert service.folders() == []
        caller.heard = []
        assert caller.fetch(clip).facts.container == "mp4"
    finally:
        service.stop()


class Fuse(list[object]):
    """A list of what was heard that does something once, with the first word."""

    def __init__(self, burn: object) -> None:
        super().__init__()
        self.burn = burn

    def append(self, value: object) -> None:
        if not self:
            self.burn()
        super().append(value)


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (200, {}, b"<html>"),
        (200, {}, b"[]"),
        (302, {"Location": "http://127.0.0.1:9/"}, b""),
        (200, {}, json.dumps({"failed": {"error": "no such reason", "detail": ""}}).encode()),
        (200, {}, json.dumps({"progress": {"stage": "Downloading", "fraction": "half"}}).encode()),
        (200, {}, json.dumps({"about": {"heights": [], "title": 7}}).encode()),
        (200, {}, json.dumps({"fetched": DONE}).encode()),
        (200, {}, json.dumps({"fetched": DONE, "files": [FILE, {**FILE, "name": "../evil"}]}).encode()),
        (200, {}, json.dumps({"fetched": DONE, "files": [FILE, FILE]}).encode()),
        (200, {}, json.dumps({"fetched": DONE, "files": [{**FILE, "size": 2}]}).encode()),
        (200, {}, json.dumps({"fetched": {**DONE, "thumbnail": "t.webp"}, "files": [FILE]}).encode()),
        (200, {}, b"{" + b" " * (5 << 20) + b"}"),
    ],
)
def test_answers_that_make_no_sense_are_named(
    caller: Caller, settings: Settings, status: int, headers: dict[str, str], said: bytes
) -> None:
    def say(here: Wire) -> None:
        if here.command == "GET":
            here.answer(status, said, headers)
        else:
            here.answer(202, b"{}", {})

    with meddling("") as wire:
        settings.YTDLP_SERVICE_URL, settings.YTDLP_SERVICE_TOKEN = wire.url, TOKEN
        for method in ("POST", "GET", "DELETE"):
            wire.spoil(method, "/", say, times=99)
        failure = caller.fails("https://example.com/clip.mp4")
    assert (failure.reason, failure.retryable) == (Reason.SERVICE_FAULT, True)
    assert wire.seen[-1][0] == "DELETE"
    assert not any("/files/" in path for _, path, _ in wire.seen)


@pytest.mark.parametrize(
    ("size", "tight", "reason"),
    [(9 << 30, {}, Reason.TOO_LARGE), (1 << 20, {"free_space": 1 << 60}, Reason.NO_SPACE)],
)
def test_what_the_caller_may_not_have_or_has_no_room_for_is_not_brought(
    caller: Caller, settings: Settings, size: int, tight: dict[str, int], reason: Reason
) -> None:
    large = {"fetched": {**DONE, "facts": {**FACTS, "size": size}}, "files": [{**FILE, "size": size}]}

    def say(here: Wire) -> None:
        here.answer(202 if here.command == "POST" else 200, json.dumps(large).encode(), {})

    with meddling("") as wire:
        settings.YTDLP_SERVICE_URL, settings.YTDLP_SERVICE_TOKEN = wire.url, TOKEN
        for method in ("POST", "GET", "DELETE"):
            wire.spoil(method, "/", say, times=99)
        assert caller.fails("https://example.com/clip.mp4", **tight).reason == reason
    assert not any("/files/" in path for _, path, _ in wire.seen)


def test_a_service_that_fails_again_and_again_rests(settings: Settings) -> None:
    with meddling("") as wire:
        settings.YTDLP_SERVICE_URL, settings.YTDLP_SERVICE_TOKEN = wire.url, TOKEN
        wire.spoil("POST", "/preview", lambda here: here.answer(500, b"", {}), times=99)
        for _ in range(7):
            with pytest.raises(FetchFailed) as caught:
                switch.preview("https://example.com/clip.mp4")
            assert caught.value.reason == Reason.SERVICE_DOWN
        assert len(wire.seen) == 5
