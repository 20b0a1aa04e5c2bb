"""Rows of all rooms, made directly: the overview only reads."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from downloads.models import Download
from ideaboards.models import Generation, Ideaboard
from kapture.core.choices import Platform
from kapture.core.ids import new_id
from kapture.jobs.models import Job, State
from trends.models import PlatformTotal, Scrape, Trend


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def job(owner: User, kind: str = "trends.scrape", state: str = State.COMPLETED, **values: Any) -> Job:
    return Job.objects.create(
        owner=owner,
        kind=kind,
        state=state,
        deadline_at=timezone.now() + timedelta(hours=1),
        **{"title": "work"} | values,
    )


def scrape(owner: User, stored: int, at: datetime) -> Scrape:
    made = Scrape.objects.create(
        owner=owner, job=job(owner), platform=Platform.TIKTOK, keywords=["a"], limit=10, stored=stored
    )
    Scrape.objects.filter(pk=made.pk).update(created_at=at)
    return made


def trend(owner: User, at: datetime, **values: Any) -> Trend:
    given = {"platform": Platform.TIKTOK, "title": "A post", "score": 1.0, "multiple": 1.0, "reach": 100} | values
    made = Trend.objects.create(
        owner=owner,
        external_id=str(new_id()),
        url="https://example.com/post",
        content_type="video",
        scraped_at=at,
        dated_at=given.pop("dated_at", at),
        **given,
    )
    Trend.objects.filter(pk=made.pk).update(created_at=at)
    total, _ = PlatformTotal.objects.get_or_create(owner=owner, platform=given["platform"])
    PlatformTotal.objects.filter(pk=total.pk).update(count=total.count + 1, last_look_at=at)
    return made


def download(owner: User, state: str, at: datetime, **values: Any) -> Download:
    ended = state != "active"
    work = job(
        owner,
        "downloads.fetch",
        state if ended else State.RUNNING,
        title=values.get("title", "A film"),
        finished_at=at if ended else None,
        error_message=values.pop("error", ""),
        progress=values.pop("progress", None),
    )
    facts = {"size": 1_000, "completed_at": at} if state == "completed" else {}
    made = Download.objects.create(
        owner=owner, job=work, state=state, url="https://example.com/film", **{"title": "A film"} | facts | values
    )
    Download.objects.filter(pk=made.pk).update(created_at=at)
    return made


def board(owner: User, title: str = "A board", ideas: int = 0) -> Ideaboard:
    made = Ideaboard.objects.create(owner=owner, title=title)
    Generation.objects.bulk_create(
        [Generation(owner=owner, board=made, kind="hook", state=Generation.State.COMPLETED) for _ in range(ideas)]
    )
    return made
