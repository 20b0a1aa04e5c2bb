"""Asking for media, doing the work, and every way it can end."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from accounts.models import User
from billing.models import Reservation, UsagePeriod
from downloads import performing, services
from downloads.choices import Format, Kind, Quality, State
from downloads.models import Download
from downloads.specs import DownloadSpec, Wish
from downloads.trash import delete_for_good, trash_download
from kapture.audit.models import AuditEvent
from kapture.core.errors import Conflict, DomainError, InvalidInput, UsageExceeded
from kapture.core.ids import new_id
from kapture.core.oracle import verify
from kapture.gateways.media.reasons import Reason
from kapture.gateways.scraping import ContentType
from kapture.jobs import lifecycle
from kapture.jobs.models import Job
from kapture.jobs.models import State as JobState
from kapture.jobs.runner import run_job
from kapture.objects.models import StoredObject
from kapture.objects.sweeping import sweep
from tests.downloads.conftest import Perform, make_trend
from tests.gateways.media.site import Site, endless, status

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _all_invariants_hold() -> Any:
    yield
    assert [(rule.name, ids) for rule, ids in verify() if ids and not rule.name.startswith("I06")] == []


def limit(user: User, units: int) -> None:
    """Leave a user `units` downloads this month."""
    services.reserve(user, services.UsageKind.DOWNLOAD, 1, source_id=new_id(), for_job=False)
    Reservation.objects.all().delete()
    UsagePeriod.objects.filter(user=user).update(held=0, limit=units)


def charged(user: User) -> tuple[int, int]:
    period = UsagePeriod.objects.filter(user=user, kind="download").first()
    return (period.used, period.held) if period else (0, 0)


def test_a_request_holds_one_unit_and_queues_one_job(alice: User, watch: str) -> None:
    download = services.request_download(alice, DownloadSpec(url=watch + "#fragment"))
    assert (download.state, download.url, download.job.state) == (State.ACTIVE, watch, JobState.QUEUED)
    assert download.job.subject_id == download.pk
    assert charged(alice) == (0, 1)
    assert AuditEvent.objects.get(action="downloads.requested").subject_id == str(download.pk)


def test_the_work_stores_the_file_with_its_facts_and_charges_once(alice: User, watch: str, perform: Perform) -> None:
    download = perform(alice, watch)
    assert (download.state, download.job.state, download.title) == (State.COMPLETED, JobState.COMPLETED, "A page")
    assert (download.width, download.height, download.video_codec, download.audio_codec) == (160, 120, "h264", "aac")
    assert download.duration_s == pytest.approx(1.0, abs=0.2)
    assert download.media is not None
    assert download.thumbnail is not None
    with default_storage.open(download.media.key) as file:
        body = file.read()
    assert (len(body), hashlib.sha256(body).hexdigest()) == (download.size, download.sha256)
    assert download.media.key.startswith(f"u/{alice.pk}/")
    assert {row.state for row in StoredObject.objects.all()} == {"live"}
    assert charged(alice) == (1, 0)
    assert not list(Path(performing.settings.SCRATCH).iterdir())


@pytest.mark.parametrize(
    ("wish", "container", "content_type"),
    [
        (Wish(convert_to=Format.WEBM), "webm", "video/webm"),
        (Wish(Kind.AUDIO), "m4a", "audio/mp4"),
        (Wish(Kind.AUDIO, convert_to=Format.MP3), "mp3", "audio/mpeg"),
    ],
)
def test_each_wish_is_met(
    alice: User, watch: str, perform: Perform, wish: Wish, container: str, content_type: str
) -> None:
    download = perform(alice, watch, wish)
    assert (download.container, download.content_type) == (container, content_type)


def test_a_picture_is_stored(alice: User, picture: str, perform: Perform) -> None:
    download = perform(alice, picture, Wish(Kind.IMAGE))
    assert (download.container, download.width, download.height) == ("png", 30, 20)


def test_a_trend_brings_its_words_and_its_kind(alice: User, watch: str, picture: str) -> None:
    film = make_trend(alice, watch)
    photo = make_trend(alice, "https://www.reddit.com/r/x/comments/1/y/", ContentType.IMAGE, media_url=picture)
    first = services.request_download(alice, DownloadSpec(trend_id=film.pk))
    second = services.request_download(alice, DownloadSpec(trend_id=photo.pk))
    assert (first.url, first.kind, first.title, first.author, first.platform, first.trend) == (
        watch, Kind.VIDEO, "A rising post", "Mara", "youtube", film,
    )  # fmt: skip
    assert (second.url, second.kind, second.webpage_url) == (picture, Kind.IMAGE, photo.url)


def test_a_text_post_is_refused_before_anything_is_held(alice: User) -> None:
    trend = make_trend(alice, "https://x.com/a/status/1", ContentType.TEXT)
    with pytest.raises(InvalidInput):
        services.request_download(alice, DownloadSpec(trend_id=trend.pk))
    assert charged(alice) == (0, 0)


def test_somebody_elses_trend_looks_like_a_missing_one(alice: User, bob: User, watch: str) -> None:
    trend = make_trend(alice, watch)
    refusals = []
    for pk in (trend.pk, new_id()):
        with pytest.raises(InvalidInput) as refused:
            services.request_download(bob, DownloadSpec(trend_id=pk))
        refusals.append(refused.value.details)
    assert refusals[0] == refusals[1]
    assert Download.objects.count() == 0


def test_what_a_trend_told_is_not_overwritten_by_the_page(alice: User, watch: str) -> None:
    download = services.request_download(alice, DownloadSpec(trend_id=make_trend(alice, watch).pk))
    run_job(download.job_id)
    download.refresh_from_db()
    assert (download.state, download.title, download.author) == (State.COMPLETED, "A rising post", "Mara")


@pytest.mark.parametrize(
    ("code", "reason"), [(404, Reason.REMOVED), (401, Reason.NEEDS_SIGN_IN), (451, Reason.GEO_BLOCKED)]
)
def test_a_failure_has_a_name_and_a_remedy_and_costs_nothing(
    alice: User, site: Site, perform: Perform, code: int, reason: Reason
) -> None:
    site.routes["/gone"] = status(code)
    download = perform(alice, site.url("/gone"))
    assert (download.state, download.job.state, download.job.error_code) == (State.FAILED, JobState.FAILED, reason)
    assert download.job.error_message
    assert download.job.remedy
    assert charged(alice) == (0, 0)
    assert StoredObject.objects.count() == 0


def test_a_site_that_is_away_is_tried_again(alice: User, site: Site, perform: Perform) -> None:
    site.routes["/away"] = status(503)
    download = perform(alice, site.url("/away"))
    assert (download.state, download.job.state, download.job.attempt) == (State.ACTIVE, JobState.QUEUED, 1)
    assert charged(alice) == (0, 1)


def test_a_link_that_leads_inside_is_refused_at_the_door(alice: User) -> None:
    for url in ("http://127.0.0.1:5432/", "http://169.254.169.254/", "file:///etc/passwd", "ytsearch:cats", "x"):
        with pytest.raises(InvalidInput):
            DownloadSpec(url=url)


def test_a_page_that_leads_inside_fails_by_name(alice: User, site: Site, perform: Perform) -> None:
    site.redirect("/go", "http://169.254.169.254/latest/meta-data/")
    assert perform(alice, site.url("/go")).job.error_code == Reason.REFUSED_ADDRESS


def test_a_size_above_the_limit_fails_by_name(
    alice: User, site: Site, clip: bytes, perform: Perform, settings: Any
) -> None:
    settings.DOWNLOAD_MAX_BYTES = 1 << 20
    site.routes["/endless.mp4"] = endless(clip)
    assert perform(alice, site.url("/endless.mp4")).job.error_code == Reason.TOO_LARGE


def test_cancelling_a_waiting_download_frees_its_unit(alice: User, watch: str) -> None:
    download = services.request_download(alice, DownloadSpec(url=watch))
    cancelled = services.cancel_download(alice, download)
    assert (cancelled.state, charged(alice)) == (State.CANCELLED, (0, 0))
    with pytest.raises(Conflict):
        services.cancel_download(alice, cancelled)


def test_cancelling_a_running_download_stops_the_transfer(
    alice: User, site: Site, clip: bytes, perform: Perform
) -> None:
    def cancel_at_the_first_byte(handler: Any) -> None:
        Job.objects.update(cancel_requested=True)
        endless(clip, pause=0.02)(handler)

    site.routes["/endless.mp4"] = cancel_at_the_first_byte
    download = perform(alice, site.url("/endless.mp4"))
    assert (download.state, download.job.state, charged(alice)) == (State.CANCELLED, JobState.CANCELLED, (0, 0))
    assert not list(Path(performing.settings.SCRATCH).iterdir())


def test_a_retry_keeps_the_row_and_holds_again(alice: User, site: Site, clip: bytes, perform: Perform) -> None:
    failed = perform(alice, site.url("/later.mp4"))
    old = failed.job_id
    site.serve("/later.mp4", clip, "video/mp4")
    again = services.retry_download(alice, failed)
    assert (again.pk, again.state, charged(alice)) == (failed.pk, State.ACTIVE, (0, 1))
    assert again.job_id != old
    run_job(again.job_id)
    again.refresh_from_db()
    assert (again.state, charged(alice)) == (State.COMPLETED, (1, 0))


def test_only_what_ended_badly_can_be_retried(alice: User, watch: str, perform: Perform) -> None:
    done = perform(alice, watch)
    waiting = services.request_download(alice, DownloadSpec(url=watch))
    for download in (done, waiting):
        with pytest.raises(Conflict):
            services.retry_download(alice, download)
    assert charged(alice) == (1, 1)


def test_of_two_retries_one_wins(alice: User, site: Site, perform: Perform) -> None:
    failed = perform(alice, site.url("/gone"))
    stale = Download.objects.get(pk=failed.pk)
    services.retry_download(alice, failed)
    with pytest.raises(Conflict):
        services.retry_download(alice, stale)
    assert charged(alice) == (0, 1)


def test_the_job_page_retries_through_the_same_door(alice: User, site: Site, perform: Perform) -> None:
    failed = perform(alice, site.url("/gone"))
    old = failed.job
    job = services.retry_job(alice, old)
    failed.refresh_from_db()
    assert failed.job_id == job.pk
    with pytest.raises(Conflict):
        services.retry_job(alice, old)


def test_deleting_removes_the_row_and_in_time_the_files(alice: User, watch: str, perform: Perform) -> None:
    download = perform(alice, watch)
    keys = [row.key for row in StoredObject.objects.all()]
    trash_download(alice, download)
    delete_for_good(alice, download.pk)
    sweep()
    assert Download.objects.count() == StoredObject.objects.count() == 0
    assert not any(default_storage.exists(key) for key in keys)
    assert charged(alice) == (1, 0)


def test_what_is_in_progress_cannot_be_deleted(alice: User, watch: str) -> None:
    with pytest.raises(Conflict):
        trash_download(alice, services.request_download(alice, DownloadSpec(url=watch)))


def test_several_are_accepted_as_far_as_the_quota_reaches(alice: User, watch: str) -> None:
    limit(alice, 2)
    specs = [DownloadSpec(url=f"{watch}?{number}") for number in range(4)]
    outcomes = services.request_many(alice, specs)
    assert [bool(one.download) for one in outcomes] == [True, True, False, False]
    assert isinstance(outcomes[2].error, UsageExceeded)
    assert charged(alice) == (0, 2)
    assert Download.objects.count() == Job.objects.count() == 2


def test_several_at_the_limit_are_refused_as_one(alice: User, watch: str) -> None:
    limit(alice, 0)
    with pytest.raises(UsageExceeded):
        services.request_many(alice, [DownloadSpec(url=watch), DownloadSpec(url=f"{watch}?2")])
    assert Download.objects.count() == Job.objects.count() == 0


def test_an_outcome_for_each_of_several(alice: User, bob: User, watch: str) -> None:
    foreign = make_trend(bob, watch)
    refusal = InvalidInput({"url": ["Bad."]})
    ask = DownloadSpec(url=watch)
    specs: list[DownloadSpec | DomainError] = [ask, ask, DownloadSpec(trend_id=foreign.pk), refusal]
    outcomes = services.request_many(alice, specs)
    assert [type(one.error) for one in outcomes] == [type(None), Conflict, InvalidInput, InvalidInput]
    assert charged(alice) == (0, 1)


@pytest.mark.parametrize("count", [0, 51])
def test_none_and_too_many_are_refused(alice: User, watch: str, count: int) -> None:
    with pytest.raises(InvalidInput):
        services.request_many(alice, [DownloadSpec(url=f"{watch}?{number}") for number in range(count)])


def test_the_last_unit_goes_to_one(alice: User, watch: str) -> None:
    limit(alice, 1)
    services.request_download(alice, DownloadSpec(url=watch))
    with pytest.raises(UsageExceeded):
        services.request_download(alice, DownloadSpec(url=watch))
    assert Download.objects.count() == 1


@pytest.mark.parametrize(
    "wish",
    [(Kind.VIDEO, Format.MP3), (Kind.AUDIO, Format.MP4), (Kind.AUDIO, Format.GIF), (Kind.IMAGE, Format.WEBM)],
)
def test_a_format_of_another_kind_cannot_be_wished(wish: tuple[Kind, Format]) -> None:
    with pytest.raises(InvalidInput):
        Wish(wish[0], convert_to=wish[1])


def test_a_wish_survives_its_key() -> None:
    wish = Wish(Kind.AUDIO, Quality.P720, Format.MP3)
    assert Wish.of(wish.key) == wish
    for key in ("", "video", "video:best:mp3", "video:best:exe", "a:b:c:d"):
        with pytest.raises(InvalidInput):
            Wish.of(key)


def test_a_worker_that_lost_its_lease_leaves_nothing(alice: User, site: Site, clip: bytes, perform: Perform) -> None:
    def lose_the_lease(handler: Any) -> None:
        Job.objects.update(fence=lifecycle.F("fence") + 1)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(clip)))
        handler.end_headers()
        handler.wfile.write(clip)

    site.routes["/clip.mp4"] = lose_the_lease
    download = perform(alice, site.url("/clip.mp4"))
    assert (download.state, download.job.state, charged(alice)) == (State.ACTIVE, JobState.RUNNING, (0, 1))
    assert not StoredObject.objects.exclude(state="deleting").exists()
    lifecycle.fail(download.job, Job.objects.all(), code="lost", message="Lost.")


def test_left_working_folders_are_swept(alice: User, watch: str, settings: Any) -> None:
    root = Path(settings.SCRATCH)
    running = services.request_download(alice, DownloadSpec(url=watch)).job
    Job.objects.filter(pk=running.pk).update(state=JobState.RUNNING, fence=3)
    for name in (f"{running.pk}-3", f"{running.pk}-2", f"{new_id()}-1", "preview-x"):
        (root / name).mkdir(parents=True)
    assert performing.sweep_scratch() == 2
    assert {folder.name for folder in root.iterdir()} == {f"{running.pk}-3", "preview-x"}
    Job.objects.filter(pk=running.pk).update(state=JobState.QUEUED)


def test_the_same_message_twice_does_the_work_once(
    alice: User, watch: str, site: Site, perform: Perform, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    download = perform(alice, watch)
    hits = len(site.hits)
    before = Download.objects.values().get(pk=download.pk)
    with django_assert_max_num_queries(5):
        run_job(download.job_id)
    assert Download.objects.values().get(pk=download.pk) == before
    assert len(site.hits) == hits
