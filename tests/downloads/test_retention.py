"""For how long media is kept by plan, and that nothing goes unannounced."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from billing.models import Plan
from billing.services import choose_plan
from downloads.cleanup import cleanup_media
from downloads.models import Download, Keeping
from downloads.retention import expire_media, expires_at, terms_of
from kapture.core.oracle import verify
from kapture.jobs.models import Job, JobEvent
from kapture.objects.models import StoredObject
from kapture.objects.services import promote, store
from kapture.objects.sweeping import sweep

DAY = timedelta(days=1)


@pytest.fixture
def plans(plans: None) -> None:
    """Free keeps 30 days, Creator 180, Studio for ever."""
    days = dict(Plan.objects.values_list("slug", "retention_days"))
    assert (days["free"], days["creator"], days["studio"]) == (30, 180, None)


def captured(user: User, folder: Path, ago: timedelta, name: str = "one") -> Download:
    """A download that completed so long ago."""
    path = folder / f"{name}.mp4"
    path.write_text(name)
    now = timezone.now()
    job = Job.objects.create(owner=user, kind="downloads.fetch", state="completed", deadline_at=now, finished_at=now)
    JobEvent.objects.create(job=job, what="completed", terminal=True)
    file = store(user.pk, path, suffix=".mp4", content_type="video/mp4", job=job)
    promote(file)
    return Download.objects.create(
        owner=user, job=job, state="completed", url="https://x.com/a/status/1", title=name, size=file.size,
        sha256=file.sha256, media=file, completed_at=now - ago,
    )  # fmt: skip


def settled(now: datetime) -> None:
    """Let the grace of everybody be over."""
    Keeping.objects.update(shortened_at=now - 2 * DAY)


def on(user: User, slug: str) -> None:
    choose_plan(user, Plan.objects.get(slug=slug), None)


def test_media_older_than_its_plan_goes_and_its_row_stays(alice: User, bob: User, tmp_path: Path) -> None:
    now = timezone.now()
    on(bob, "creator")
    old, young, foreign = (captured(*one) for one in ((alice, tmp_path, 31 * DAY, "old"),
                           (alice, tmp_path, 29 * DAY, "young"), (bob, tmp_path, 31 * DAY, "bobs")))  # fmt: skip
    assert expire_media(now) == 0  # the first look only notes for how long media is kept
    settled(now)
    assert (expire_media(now), expire_media(now)) == (1, 0)
    old.refresh_from_db()
    assert (old.media, old.state, old.expired_at) == (None, "completed", now)
    assert sweep() == 1
    assert set(StoredObject.objects.values_list("pk", flat=True)) == {young.media_id, foreign.media_id}
    assert {rule.name for rule, ids in verify() if ids} == set()


def test_its_page_says_that_the_file_had_to_go(alice: User, browser: Client, tmp_path: Path) -> None:
    old = captured(alice, tmp_path, 31 * DAY)
    for _ in range(2):
        expire_media(timezone.now())
        settled(timezone.now())
    page = browser.get(f"/downloads/{old.pk}/")
    assert (page.status_code, b"The file had to go" in page.content) == (200, True)
    assert browser.get(f"/downloads/{old.pk}/media/").status_code == 404


@pytest.mark.parametrize("way", ["plan", "days"])
def test_nothing_goes_within_a_day_after_the_days_became_fewer(alice: User, tmp_path: Path, way: str) -> None:
    on(alice, "studio")
    download, now = captured(alice, tmp_path, 300 * DAY), timezone.now()
    assert (expire_media(now), expires_at(alice, download)) == (0, None)
    if way == "plan":
        on(alice, "free")
    else:
        Plan.objects.filter(slug="studio").update(retention_days=30)
    assert [expire_media(now + hours * timedelta(hours=1)) for hours in (0, 1, 23)] == [0, 0, 0]
    assert expires_at(alice, download) == now + DAY
    assert expire_media(now + 24 * timedelta(hours=1)) == 1


def test_a_plan_that_was_larger_for_a_while_gives_its_day_again(alice: User, tmp_path: Path) -> None:
    now = timezone.now()
    captured(alice, tmp_path, 29 * DAY)
    expire_media(now)
    settled(now)
    # Thirty days hold for long; meanwhile a larger plan came and went again.
    on(alice, "creator")
    later = now + 5 * DAY
    assert expire_media(later) == 0
    on(alice, "free")
    assert [expire_media(later), expire_media(later + timedelta(hours=23))] == [0, 0]
    assert expire_media(later + DAY) == 1


def test_people_are_told_a_week_before(alice: User, tmp_path: Path) -> None:
    now = timezone.now()
    soon, later = captured(alice, tmp_path, 25 * DAY, "soon"), captured(alice, tmp_path, DAY, "later")
    expire_media(now)
    settled(now)
    terms = terms_of(alice)
    assert terms.goes_soon(soon, now) == soon.completed_at + 30 * DAY
    assert (terms.goes_soon(later, now), terms.expires_at(later)) == (None, later.completed_at + 30 * DAY)


def test_telling_takes_three_queries_for_any_number(alice: User, tmp_path: Path) -> None:
    rows = [captured(alice, tmp_path, 25 * DAY, str(number)) for number in range(3)]
    with CaptureQueriesContext(connection) as found:
        terms = terms_of(alice)
        assert all(terms.expires_at(row) for row in rows)
    assert len(found) == 3


def test_the_clock_elsewhere_does_all_of_it(client: Client, alice: User, tmp_path: Path, settings: Any) -> None:
    settings.CRON_SECRET_TOKEN = "a-clock-that-is-elsewhere"
    captured(alice, tmp_path, 31 * DAY, "old")
    trashed = captured(alice, tmp_path, DAY, "trashed")
    Download.objects.filter(pk=trashed.pk).update(trashed_at=timezone.now() - 31 * DAY)
    cleanup_media(timezone.now())
    Download.objects.filter(title="old").update(trashed_at=None)
    settled(timezone.now())
    headers = {"Authorization": "Bearer a-clock-that-is-elsewhere"}
    told = client.post("/api/cron/cleanup-media", headers=headers).json()["data"]
    # The first round took the one in the trash and its file; this one the old file, in one call with the store.
    assert (told["expired"], told["files"], told["downloads"], told["strays"]) == (1, 1, 0, 0)
    assert not StoredObject.objects.exists()
