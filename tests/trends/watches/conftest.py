"""Watches, and looks of theirs at posts with figures that a test names."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from kapture.core.choices import Platform
from kapture.gateways.scraping import Post
from kapture.jobs.models import Job, State
from tests.trends.conftest import make_post
from trends.ingest import ingest
from trends.models import Metric, Rule, Scrape, Trend, Watch, WatchRun
from trends.watches.alerts import note
from trends.watches.services import create_watch
from trends.watches.specs import RuleSpec, WatchSpec

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
VIEWS = RuleSpec(Metric.REACH, 1_000)
Watching = Callable[..., Watch]


def spec(**changes: Any) -> WatchSpec:
    """A watch on lamps at YouTube, every four hours, unless told otherwise."""
    given = {"name": "Lamps", "keywords": ("lamps",), "platforms": (Platform.YOUTUBE,), "rules": (VIEWS,), **changes}
    return WatchSpec(**given)


@pytest.fixture
def watch(alice: User) -> Watch:
    """Alice's watch, whose rules count from long ago."""
    made = create_watch(alice, spec())
    Rule.objects.filter(watch=made).update(updated_at=NOON - timedelta(days=400))
    return made


def look(watch: Watch, at: datetime, views: Mapping[str, int], **facts: Any) -> WatchRun:
    """A run of a watch that finds posts with so many views, by their ids, at a moment."""
    run = WatchRun.objects.create(watch=watch, slot=at)
    scrape = scrape_of(run)
    posts = [post(name, count, **facts) for name, count in views.items()]
    take(scrape, posts, at)
    return run


def post(name: str, views: int, **facts: Any) -> Post:
    """A video that was published an hour before noon."""
    published = {"published_at": NOON - timedelta(hours=1), "author_handle": name, "title": f"Lamps of {name}"}
    return make_post(external_id=name.ljust(11, "_"), views=views, **{**published, **facts})


def scrape_of(run: WatchRun | None, owner: User | None = None) -> Scrape:
    """A search at work."""
    who = owner or (run.watch.owner if run else None)
    later = timezone.now() + timedelta(hours=1)
    job = Job.objects.create(owner=who, kind="trends.scrape", state=State.RUNNING, deadline_at=later)
    return Scrape.objects.create(owner=who, job=job, watch_run=run, platform=Platform.YOUTUBE, limit=10)


def take(scrape: Scrape, posts: Sequence[Post], at: datetime) -> None:
    """What a search does with what it finds."""
    with transaction.atomic():
        done = ingest(scrape.owner_id, posts, now=at, scrape_id=scrape.pk)
        note(scrape, done.met)


def named(name: str) -> Trend:
    """The trend of a post."""
    return Trend.objects.get(external_id=name.ljust(11, "_"))
