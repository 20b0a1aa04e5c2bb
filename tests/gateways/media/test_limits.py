"""What a broken site can cost: bounded bytes, bounded time, and a reason with a name; see also `test_malicious`."""

import time
from pathlib import Path

import pytest

from kapture.gateways.media import engine
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import MediaKind, Quality, Target
from tests.gateways.media.conftest import Fetch
from tests.gateways.media.site import Site, bomb, endless, slow, status
from tests.gateways.media.test_fetch import padded

MIB = 1 << 20
LIVE = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:1,\nsegment.ts\n"


def failure(fetch: Fetch, url: str, **values: object) -> FetchFailed:
    """The named failure of a fetch that must fail."""
    with pytest.raises(FetchFailed) as failed:
        fetch(url, **values)
    assert failed.value.message
    return failed.value


def test_an_announced_size_above_the_limit_is_refused(site: Site, media: Path, fetch: Fetch) -> None:
    site.serve("/clip.mp4", padded((media / "clip.mp4").read_bytes(), 3 * MIB), "video/mp4")
    assert failure(fetch, site.url("/clip.mp4"), max_bytes=2 * MIB).reason == Reason.TOO_LARGE


def test_a_small_picture_that_unpacks_to_a_huge_one_is_stopped(site: Site, fetch: Fetch) -> None:
    site.routes["/clip"] = bomb(600 * MIB, "image/png")
    failed = failure(fetch, site.url("/clip"), max_bytes=2 * MIB, kind=MediaKind.IMAGE)
    assert failed.reason in (Reason.TOO_LARGE, Reason.UNSUPPORTED, Reason.BAD_MEDIA)


def test_a_trickle_is_given_up(site: Site, media: Path, fetch: Fetch) -> None:
    site.routes["/clip.mp4"] = endless((media / "clip.mp4").read_bytes()[:65536], block=1, pause=0.1)
    assert failure(fetch, site.url("/clip.mp4"), slow_seconds=1.5).reason == Reason.TIMEOUT


def test_a_page_that_never_ends_is_given_up(site: Site, fetch: Fetch) -> None:
    site.routes["/page"] = endless(b"<html>", block=10, pause=0.05, content_type="text/html")
    assert failure(fetch, site.url("/page"), look_seconds=2.0).reason == Reason.TIMEOUT


def test_the_wall_clock_ends_everything(site: Site, media: Path, fetch: Fetch) -> None:
    site.routes["/clip.mp4"] = slow(padded((media / "clip.mp4").read_bytes(), 8 * MIB))
    assert failure(fetch, site.url("/clip.mp4"), max_seconds=3.0).reason == Reason.TIMEOUT


def test_a_silent_server_is_given_up(site: Site, fetch: Fetch) -> None:
    site.routes["/clip.mp4"] = lambda handler: time.sleep(30)
    failed = failure(fetch, site.url("/clip.mp4"), socket_seconds=0.5)
    assert failed.reason == Reason.UNREACHABLE
    assert failed.retryable


def test_a_slow_but_steady_transfer_is_left_alone(site: Site, media: Path, fetch: Fetch) -> None:
    site.routes["/clip.mp4"] = slow(padded((media / "clip.mp4").read_bytes(), MIB), pause=0.2)
    assert fetch(site.url("/clip.mp4"), slow_seconds=2.0).facts.duration


@pytest.mark.parametrize(
    ("values", "reason"),
    [({"free_space": 1 << 60}, Reason.NO_SPACE), ({"stopped": lambda: True}, Reason.CANCELLED)],
)
def test_what_must_end_at_once_starts_no_process(
    site: Site, fetch: Fetch, monkeypatch: pytest.MonkeyPatch, values: dict[str, object], reason: Reason
) -> None:
    # The process may be slower to ask the site than the watch is to end it: that nothing came would prove little.
    monkeypatch.setattr(engine, "Child", None)
    assert failure(fetch, site.url("/clip.mp4"), **values).reason == reason
    assert site.hits == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (401, Reason.NEEDS_SIGN_IN),
        (403, Reason.BLOCKED),
        (404, Reason.REMOVED),
        (410, Reason.REMOVED),
        (429, Reason.RATE_LIMITED),
        (451, Reason.GEO_BLOCKED),
        (500, Reason.UNREACHABLE),
        (503, Reason.UNREACHABLE),
    ],
)
def test_an_answer_of_the_server_gets_its_name(site: Site, fetch: Fetch, code: int, reason: Reason) -> None:
    site.routes["/clip.mp4"] = status(code)
    assert failure(fetch, site.url("/clip.mp4")).reason == reason


def test_a_media_file_that_disappears_behind_its_page_is_named(site: Site, fetch: Fetch) -> None:
    url = site.serve_html("/watch", '<video src="/gone.mp4"></video>')
    assert failure(fetch, url).reason == Reason.REMOVED


def test_nobody_listening_is_unreachable(site: Site, fetch: Fetch) -> None:
    url = site.url("/clip.mp4")
    site.server.server_close()
    site.server.socket.close()
    assert failure(fetch, url).reason == Reason.UNREACHABLE


def test_a_live_broadcast_is_refused(site: Site, media: Path, fetch: Fetch) -> None:
    site.serve("/segment.ts", next(media.glob("clip*.ts")).read_bytes())
    assert failure(fetch, site.serve_hls("/live.m3u8", LIVE)).reason == Reason.LIVE
    assert site.hits.count("/segment.ts") == 0


@pytest.mark.parametrize("name", ["liveMissingSegmentDuration.m3u8", "missingEndlist.m3u8"])
def test_recorded_live_playlists_are_refused(site: Site, recorded_media: Path, fetch: Fetch, name: str) -> None:
    body = (recorded_media / "hls-manifests" / name).read_text()
    assert failure(fetch, site.serve_hls("/live.m3u8", body)).reason == Reason.LIVE


def test_a_page_with_several_videos_asks_for_one(site: Site, media: Path, fetch: Fetch) -> None:
    body = (media / "clip.mp4").read_bytes()
    tags = "".join(f'<video src="{site.serve(f"/{name}.mp4", body)}"></video>' for name in "abc")
    assert failure(fetch, site.serve_html("/watch", tags)).reason == Reason.PLAYLIST


def test_a_page_without_media_is_unsupported(site: Site, fetch: Fetch) -> None:
    assert failure(fetch, site.serve_html("/page", "<p>words</p>")).reason == Reason.UNSUPPORTED


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_a_film_cut_short_is_bad_media(site: Site, media: Path, fetch: Fetch, share: float) -> None:
    body = (media / "clip.mp4").read_bytes()
    failed = failure(fetch, site.serve("/clip.mp4", body[: int(len(body) * share)], "video/mp4"))
    assert failed.reason in (Reason.BAD_MEDIA, Reason.UNREACHABLE)


def test_a_body_shorter_than_announced_is_not_called_complete(site: Site, media: Path, fetch: Fetch) -> None:
    body = (media / "clip.mp4").read_bytes()
    site.serve("/clip.mp4", body, "video/mp4", Content_Length=str(len(body) * 2), Connection="close")
    assert failure(fetch, site.url("/clip.mp4"), max_seconds=20.0).reason in (Reason.UNREACHABLE, Reason.TIMEOUT)


@pytest.mark.parametrize(
    ("kind", "target", "name"),
    [
        (MediaKind.AUDIO, Target.KEEP, "silent.mp4"),
        (MediaKind.VIDEO, Target.KEEP, "sound.mp3"),
        (MediaKind.VIDEO, Target.KEEP, "picture.png"),
        (MediaKind.IMAGE, Target.KEEP, "clip.mp4"),
    ],
)
def test_another_kind_than_was_asked_for_is_unsupported(
    site: Site, media: Path, fetch: Fetch, kind: MediaKind, target: Target, name: str
) -> None:
    url = site.serve(f"/{name}", (media / name).read_bytes())
    assert failure(fetch, url, kind=kind, target=target, quality=Quality.P720).reason == Reason.UNSUPPORTED
