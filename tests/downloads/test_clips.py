"""Clips: asked for, cut, linked, and every way they can end."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import User
from billing.models import Reservation, UsagePeriod
from downloads import clipping, cutting, evidence, services
from downloads.choices import Format, State
from downloads.clipping import ClipSpec, moment, request_clip
from downloads.models import Caption, Download, Evidence
from kapture.audit.models import AuditEvent
from kapture.core.errors import Conflict, InvalidInput, NotFound
from kapture.core.oracle import verify
from kapture.jobs.models import Job
from kapture.jobs.runner import run_job
from kapture.local.bucket import Bucket
from kapture.local.servers import free_port
from kapture.objects.models import StoredObject
from tests.downloads.captured import again, failure, finished
from tests.objects.conftest import bucket, remote, server

__all__ = ["bucket", "server"]

pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _all_invariants_hold() -> Iterator[None]:
    yield
    assert [(rule.name, ids) for rule, ids in verify() if ids and not rule.name.startswith("I06")] == []


@pytest.fixture
def lesson(alice: User, tmp_path: Path, clip: bytes) -> Download:
    return finished(alice, tmp_path / "lesson", clip)


def cut(user: User, parent: Download, start: float = 0.3, end: float = 0.8, form: Format = Format.MP4) -> Download:
    made = request_clip(user, parent, ClipSpec(start, end, form))
    run_job(made.job_id)
    return again(made)


def test_a_clip_is_a_download_of_its_own_that_costs_nothing(alice: User, lesson: Download) -> None:
    before = UsagePeriod.objects.get(kind="download").used
    made = cut(alice, lesson)
    assert (made.state, made.parent_id, made.container, made.job.kind) == (
        "completed",
        lesson.pk,
        "mp4",
        "downloads.clip",
    )
    assert made.duration_s == pytest.approx(0.5, abs=0.2)
    assert made.title == "How to cook without a recipe (0:00.3–0:00.8)"
    assert made.sha256 != lesson.sha256
    assert UsagePeriod.objects.get(kind="download").used == before == 1
    assert Reservation.objects.filter(source_id=made.job_id).count() == 0
    assert AuditEvent.objects.filter(action="downloads.clip_requested", subject_id=str(made.pk)).exists()


def test_what_is_said_in_it_counts_from_its_beginning(alice: User, lesson: Download) -> None:
    made = cut(alice, lesson, 0.5, 1.0)
    said = {row.language: row.cues for row in Caption.objects.filter(download=made)}
    # German ends before the clip begins.
    assert said == {"en": [[0.0, 0.1, "and heat & crème brûlée"], [0.1, 0.5, "Salt again"]]}
    assert Evidence.objects.get().download_id == lesson.pk


@pytest.mark.parametrize(("form", "container"), [(Format.GIF, "gif"), (Format.MP3, "mp3")])
def test_each_format_is_cut(alice: User, lesson: Download, form: Format, container: str) -> None:
    assert cut(alice, lesson, form=form).container == container


@pytest.mark.parametrize(
    ("start", "end", "form"),
    [
        (1.0, 0.5, "mp4"),
        (0.5, 0.5, "mp4"),
        (-1.0, 0.5, "mp4"),
        (0.0, 601.0, "mp4"),
        (0.0, 31.0, "gif"),
        (0.0, 0.1, "mp4"),
        (float("nan"), 1.0, "mp4"),
        (0.0, 1.0, "webm"),
        (0.0, 1.0, ""),
    ],
)
def test_a_stretch_that_no_clip_can_have_is_refused(start: float, end: float, form: str) -> None:
    with pytest.raises(InvalidInput):
        ClipSpec(start, end, Format(form))


def test_a_stretch_behind_the_end_is_refused_and_one_across_it_ends_with_the_file(
    alice: User, lesson: Download
) -> None:
    with pytest.raises(InvalidInput):
        request_clip(alice, lesson, ClipSpec(5.0, 6.0))
    made = request_clip(alice, lesson, ClipSpec(0.4, 60.0))
    assert made.clip_end_s == lesson.duration_s


def test_others_and_what_has_no_file_cannot_be_cut(alice: User, bob: User, lesson: Download) -> None:
    with pytest.raises(NotFound):
        request_clip(bob, lesson, ClipSpec(0.0, 0.5))
    Download.objects.filter(pk=lesson.pk).update(media=None, expired_at=lesson.completed_at)
    with pytest.raises(Conflict):
        request_clip(alice, lesson, ClipSpec(0.0, 0.5))
    assert Job.objects.filter(kind="downloads.clip").count() == 0
    Download.objects.filter(pk=lesson.pk).update(media=lesson.media, expired_at=None)


def test_work_that_costs_nothing_is_not_piled_up(
    alice: User, lesson: Download, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exact also when all ask at the same moment."""
    monkeypatch.setattr(clipping, "MAX_WAITING", 3)
    ends: list[str] = []

    def ask() -> None:
        try:
            request_clip(alice, lesson, ClipSpec(0.0, 0.5))
            ends.append("made")
        except Conflict:
            ends.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["made"] * 3 + ["refused"] * 3


def test_a_source_that_went_meanwhile_is_named_and_may_come_back(alice: User, lesson: Download) -> None:
    made = request_clip(alice, lesson, ClipSpec(0.0, 0.5))
    StoredObject.objects.filter(pk=lesson.media_id).update(state="deleting")
    run_job(made.job_id)
    assert failure(made) == (State.FAILED, "source_gone", "source_gone", 1)
    StoredObject.objects.filter(pk=lesson.media_id).update(state="live")
    tried = services.retry_download(alice, again(made))
    assert Reservation.objects.filter(source_id=tried.job_id).count() == 0
    run_job(tried.job_id)
    assert failure(made)[:2] == (State.COMPLETED, "")


def test_a_source_that_is_another_file_is_not_cut(alice: User, lesson: Download) -> None:
    made = request_clip(alice, lesson, ClipSpec(0.0, 0.5))
    StoredObject.objects.filter(pk=lesson.media_id).update(sha256="0" * 64)
    Download.objects.filter(pk=lesson.pk).update(sha256="0" * 64)
    Evidence.objects.all().delete()
    run_job(made.job_id)
    assert failure(made)[1] == "source_damaged"


def test_a_store_that_lost_the_file_is_named(alice: User, lesson: Download) -> None:
    made = request_clip(alice, lesson, ClipSpec(0.0, 0.5))
    assert lesson.media is not None
    folder = Path(default_storage.path(lesson.media.key)).parent
    hidden = folder.rename(folder.with_name("away"))
    try:
        run_job(made.job_id)
        assert failure(made)[1] == "store_missing"
    finally:
        hidden.rename(folder)


def test_a_bucket_serves_as_well_and_one_that_is_away_is_tried_again(
    alice: User, server: Bucket, bucket: Path, settings: Any, tmp_path: Path, clip: bytes
) -> None:
    lesson = finished(alice, tmp_path / "lesson", clip)
    made = cut(alice, lesson)
    assert made.media is not None
    assert (bucket / made.media.key).stat().st_size == made.size
    assert evidence.verify(Evidence.objects.get()) == evidence.Verdict(seal=True, media=True, was_read=True)
    later = request_clip(alice, lesson, ClipSpec(0.0, 0.5))
    away = remote(server, bucket.name, endpoint_url=f"http://127.0.0.1:{free_port()}")
    with override_settings(STORAGES={**settings.STORAGES, "default": away}):
        run_job(later.job_id)
        assert (again(later).job.state, again(later).job.attempt) == ("queued", 1)
    Job.objects.update(run_after=timezone.now())
    run_job(later.job_id)
    assert failure(later)[:2] == (State.COMPLETED, "")


def test_a_cancelled_clip_leaves_nothing(
    alice: User, lesson: Download, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    made = request_clip(alice, lesson, ClipSpec(0.0, 0.5))

    def bring(*values: Any) -> None:
        services.cancel_download(alice, again(made))
        original(*values)

    original = cutting._bring
    monkeypatch.setattr(cutting, "_bring", bring)
    monkeypatch.setattr(cutting.clip, "TICK", 0.01)
    run_job(made.job_id)
    assert failure(made)[0] == State.CANCELLED
    assert StoredObject.objects.filter(job_id=made.job_id, state="live").count() == 0
    assert list(Path(settings.SCRATCH).iterdir()) == []


def test_a_clip_of_a_clip_has_the_evidence_of_the_original(alice: User, lesson: Download) -> None:
    made = request_clip(alice, cut(alice, lesson), ClipSpec(0.0, 0.3))
    assert evidence.evidence_of(made).download_id == lesson.pk
    Download.objects.filter(pk=made.parent_id).update(parent=None)
    with pytest.raises(NotFound):
        evidence.evidence_of(made)


def test_the_same_message_twice_does_the_work_once(alice: User, lesson: Download) -> None:
    made = cut(alice, lesson)
    rows = list(StoredObject.objects.values_list("pk", "state").order_by("pk"))
    run_job(made.job_id)
    assert list(StoredObject.objects.values_list("pk", "state").order_by("pk")) == rows
    assert again(made).job.attempt == 1


def test_a_clip_outlives_its_original_and_says_so(alice: User, browser: Client, lesson: Download) -> None:
    made = cut(alice, lesson)
    Download._base_manager.filter(pk=lesson.pk).delete()
    body = browser.get(f"/downloads/{made.pk}/").content.decode()
    assert "an original that was deleted" in body


class TestPage:
    """The form on the page, with and without scripts."""

    def test_first_and_last_line_are_enough(self, browser: Client, lesson: Download) -> None:
        row = Caption.objects.get(language="en")
        data = {"caption": str(row.pk), "line": ["0", "2"], "start": "", "end": "", "format": "mp4"}
        response = browser.post(f"/downloads/{lesson.pk}/clips/", data)
        made = Download.objects.get(parent=lesson)
        assert response["Location"] == f"/downloads/{made.pk}/"
        assert (made.clip_start_s, made.clip_end_s) == (0.0, 1.0)
        assert made.headline in browser.get(f"/downloads/{lesson.pk}/").content.decode()

    def test_moments_may_be_typed_and_go_before_lines(self, browser: Client, lesson: Download) -> None:
        data = {"line": ["0"], "start": "0:00.2", "end": "0,7", "format": "mp3"}
        browser.post(f"/downloads/{lesson.pk}/clips/", data, headers=HTMX)
        made = Download.objects.get(parent=lesson)
        assert (made.clip_start_s, made.clip_end_s, made.kind) == (0.2, 0.7, "audio")

    @pytest.mark.parametrize(
        "data",
        [{}, {"start": "x", "end": "1"}, {"start": "0.9", "end": "0.1"}, {"start": "0", "end": "1", "format": "webm"}],
    )
    def test_what_makes_no_clip_is_said_at_the_form(self, browser: Client, lesson: Download, data: Any) -> None:
        for headers in ({}, HTMX):
            response = browser.post(f"/downloads/{lesson.pk}/clips/", data, headers=headers)
            assert response.status_code == 422
            assert 'role="alert"' in response.content.decode()
        assert not Download.objects.filter(parent=lesson).exists()

    def test_lines_of_another_download_lead_nowhere(
        self, browser: Client, bob: User, tmp_path: Path, clip: bytes, lesson: Download
    ) -> None:
        other = finished(bob, tmp_path / "other", clip)
        theirs = Caption.objects.filter(download=other).first()
        assert theirs is not None
        for data in ({"caption": str(theirs.pk), "line": ["0"]}, {"caption": "x", "line": ["0"]}):
            assert browser.post(f"/downloads/{lesson.pk}/clips/", data).status_code == 404

    def test_sent_twice_it_is_cut_once(self, browser: Client, lesson: Download) -> None:
        body = browser.get(f"/downloads/{lesson.pk}/").content.decode()
        [mark] = re.findall(r'name="once" value="([^"]+)"', body)[:1]
        data = {"start": "0", "end": "0.5", "format": "mp4", "once": mark}
        first, second = (browser.post(f"/downloads/{lesson.pk}/clips/", data) for _ in range(2))
        assert first["Location"] == second["Location"]
        assert Download.objects.filter(parent=lesson).count() == 1


def test_the_api_cuts_and_lists(api: Client, lesson: Download) -> None:
    address = f"/api/downloads/{lesson.pk}/clips"
    body = {"content_type": "application/json"}
    answer = api.post(address, {"start": 0.1, "end": 0.6}, **body)
    assert answer.status_code == 202
    assert answer.json()["data"]["job"]["kind"] == "downloads.clip"
    listed = api.get(address).json()["data"]
    assert [one["id"] for one in listed] == [answer.json()["data"]["download"]["id"]]
    assert api.post(address, {"start": 0.6, "end": 0.1}, **body).status_code == 400
    assert api.post(address, {"start": 0, "end": 1, "format": "webm"}, **body).status_code == 400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("83.5", 83.5), (" 1:23,5 ", 83.5), ("1:02:03", 3723.0), ("0:09", 9.0), ("90:00", 5400.0)],
)
def test_moments_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert moment(text) == seconds


@pytest.mark.parametrize("text", ["", "x", "1:60", "-1", "1:-2", "nan", "inf", "1e9", "1:2:3:4", "::", "٣"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        moment(text)
