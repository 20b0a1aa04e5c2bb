"""Grading alerts: whether a post went on rising, from looks that are there and else from looks of our own.

Two graders at once pass over what the other has locked, and only a waiting mark is written, so each is graded once.
While one asks for looks of a person, the other leaves that person's posts for the next time.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from kapture.core.choices import Platform
from kapture.core.crash import crashpoint
from kapture.core.errors import Unavailable
from trends.models import Mark, Purpose, Scrape, Trend
from trends.watches.looks import MOST_POSTS, is_our_turn, left_today, request_look
from trends.watches.queries import kept_looks
from trends.watches.rules import LATEST, TOLERANCE, WAITING, Measured, grade, measured

PAGE: Final = 200
PAGES: Final = 25
# A look that did not reach a post is tried again after so long, so that a deleted post costs four looks and no more.
AGAIN: Final = timedelta(hours=6)


def grade_due(now: datetime | None = None) -> int:
    """Grade marks whose time has come, and ask for looks at the posts of the others; answers how many were graded."""
    now = now or timezone.now()
    graded, after = 0, (datetime.min.replace(tzinfo=now.tzinfo), UUID(int=0))
    for _ in range(PAGES):
        behind = Q(due_at__gt=after[0]) | Q(due_at=after[0], pk__gt=after[1])
        page = list(_due(now).filter(behind).values_list("due_at", "pk")[:PAGE])
        if not page:
            break
        with transaction.atomic():
            marks = _locked([pk for _, pk in page])
            left = _settle(marks, now, TOLERANCE)
            _ask(left, now)
            crashpoint("trends.watch_graded")
        graded, after = graded + len(marks) - len(left), page[-1]
    return graded


def take_look(scrape: Scrape, now: datetime | None = None) -> None:
    """Grade what a look was made for, in the transaction that ends it; what it did not reach goes on waiting."""
    if scrape.purpose == Purpose.LOOK:
        ids = list(Mark.objects.filter(look=scrape, state=WAITING).values_list("pk", flat=True))
        _settle(_locked(ids, wait=True), now or timezone.now(), LATEST)


def _due(now: datetime) -> QuerySet[Mark]:
    """Waiting marks whose time has come and which no look is under way for."""
    idle = Q(look=None) | Q(look__finished_at__lt=now - AGAIN) | Q(due_at__lt=now - LATEST)
    return Mark.objects.filter(idle, state=WAITING, due_at__lte=now).order_by("due_at", "pk")


def _locked(ids: Sequence[UUID], *, wait: bool = False) -> list[Mark]:
    rows = Mark.objects.select_for_update(of=("self",), skip_locked=not wait).filter(pk__in=ids, state=WAITING)
    return list(rows.select_related("alert__trend", "alert__owner").defer("alert__trend__search").order_by("pk"))


def _settle(marks: Sequence[Mark], now: datetime, late: timedelta) -> list[Mark]:
    """Write what looks up to so late tell about locked marks; answers those that go on waiting."""
    looks = kept_looks([mark.alert.trend_id for mark in marks])
    left, done = [], []
    for mark in marks:
        trend = mark.alert.trend
        last = Measured(trend.scraped_at, trend.reach)
        verdict = grade(mark.target, mark.due_at, measured(looks.get(trend.pk, ()), last, mark.due_at, late), now)
        if verdict.state == WAITING:
            left.append(mark)
            continue
        mark.state, mark.updated_at = verdict.state, now
        if verdict.measured:
            mark.reach, mark.measured_at = verdict.measured.reach, verdict.measured.at
        done.append(mark)
    Mark.objects.bulk_update(done, ["state", "reach", "measured_at", "updated_at"])
    return left


def _ask(marks: Sequence[Mark], now: datetime) -> None:
    """Ask for looks at the posts of locked marks; those that a look is under way for wait for that one."""
    owners = {mark.alert.owner_id: mark.alert.owner for mark in marks if mark.alert.owner.is_active}
    ours = {pk for pk in sorted(owners) if is_our_turn(pk)}
    # Read once it is our turn, so that what others asked for before is seen.
    under_way = _under_way(marks)
    wanted: dict[tuple[UUID, str], dict[UUID, Trend]] = defaultdict(dict)
    for mark in marks:
        trend = mark.alert.trend
        if trend.pk not in under_way and trend.trashed_at is None and trend.owner_id in ours:
            wanted[trend.owner_id, trend.platform][trend.pk] = trend
    for (owner_id, platform), trends in wanted.items():
        under_way |= _looks(owners[owner_id], Platform(platform), list(trends.values()))
    for mark in marks:
        mark.look_id, mark.updated_at = under_way.get(mark.alert.trend_id, mark.look_id), now
    Mark.objects.bulk_update(marks, ["look", "updated_at"])


def _under_way(marks: Sequence[Mark]) -> dict[UUID, UUID]:
    """The looks that are made now, by the trends they were asked for."""
    ids = {mark.alert.trend_id for mark in marks}
    rows = Mark.objects.filter(alert__trend__in=ids, look__isnull=False, look__finished_at=None)
    return dict(rows.values_list("alert__trend", "look"))


def _looks(owner: Any, platform: Platform, trends: Sequence[Trend]) -> dict[UUID, UUID]:
    """New looks at trends of one platform, by trend: as many as the day has left, none while nobody can ask it."""
    asked: dict[UUID, UUID] = {}
    trends = trends[: left_today(owner)]
    for start in range(0, len(trends), MOST_POSTS):
        some = trends[start : start + MOST_POSTS]
        try:
            look = request_look(owner, platform, some)
        except Unavailable:
            break
        asked |= dict.fromkeys((trend.pk for trend in some), look.pk)
    return asked
