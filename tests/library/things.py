"""Makes things of the rooms below, as bare rows: how they come to be is their rooms' business."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from accounts.models import User
from downloads.models import Download
from ideaboards.models import Ideaboard
from kapture.core.choices import Platform
from kapture.jobs.models import Job
from trends.models import Trend

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.get_current_timezone())
_numbers = count(1)


def minutes_ago(minutes: float) -> datetime:
    """A time before the tests' noon."""
    return NOW - timedelta(minutes=minutes)


def trend(owner: User, title: str = "A trend", **fields: Any) -> Trend:
    """A captured post."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "platform": Platform.YOUTUBE,
        "external_id": f"post{number}",
        "url": f"https://www.youtube.com/watch?v=post{number}",
        "content_type": "video",
        "scraped_at": minutes_ago(number / 60),
        "dated_at": NOW,
    }
    return Trend.objects.create(owner=owner, title=title, **(values | fields))


def download(owner: User, title: str = "A download", **fields: Any) -> Download:
    """A wish for media; `created_at` may be given."""
    number = next(_numbers)
    at = fields.pop("created_at", minutes_ago(number / 60))
    job = Job.objects.create(owner=owner, kind="downloads.fetch", deadline_at=NOW + timedelta(hours=1))
    values: dict[str, Any] = {"url": f"https://example.com/clip{number}", "platform": ""}
    made = Download.objects.create(owner=owner, job=job, title=title, **(values | fields))
    Download.objects.filter(pk=made.pk).update(created_at=at)
    made.created_at = at
    return made


def board(owner: User, title: str = "A board", **fields: Any) -> Ideaboard:
    """A board; `edited_at` may be given."""
    at = fields.pop("edited_at", minutes_ago(next(_numbers) / 60))
    made = Ideaboard.objects.create(owner=owner, title=title, **fields)
    Ideaboard.objects.filter(pk=made.pk).update(edited_at=at)
    made.edited_at = at
    return made
