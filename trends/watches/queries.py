"""Reads of watches; the pages and the API ask the same questions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Min, Prefetch, Q, QuerySet

from billing.queries import KindUsage, usage_of
from kapture.core.choices import Platform, UsageKind
from kapture.gateways.scraping import DateRange
from kapture.jobs.models import Job
from trends.models import Alert, Mark, Metric, Rule, Snapshot, Watch, WatchRun, WatchTrend
from trends.specs import ScrapeSpec
from trends.watches.rules import GROWTH
from trends.watches.schedule import Schedule
from trends.watches.specs import WEBHOOK_KIND, RuleSpec, WatchSpec

DELIVERIES = 10


def schedule_of(watch: Watch) -> Schedule:
    """When a watch runs."""
    return Schedule(watch.created_at, watch.every_minutes, watch.cron)


def search_of(watch: Watch) -> ScrapeSpec:
    """What a watch looks for, for the first of its platforms."""
    return ScrapeSpec(
        platform=Platform(watch.platforms[0]),
        keywords=tuple(watch.keywords),
        limit=watch.limit,
        date_range=DateRange(watch.date_range) if watch.date_range else None,
        min_views=watch.min_views,
        language=watch.language,
    )


def spec_of(watch: Watch) -> WatchSpec:
    """A watch as it could be asked for; takes a query for its rules unless they were fetched with it."""
    search = search_of(watch)
    return WatchSpec(
        name=watch.name,
        keywords=search.keywords,
        platforms=tuple(Platform(name) for name in watch.platforms),
        limit=search.limit,
        date_range=search.date_range,
        min_views=search.min_views,
        language=search.language,
        every_minutes=watch.every_minutes,
        cron=watch.cron,
        rules=tuple(RuleSpec(Metric(rule.metric), rule.at_least, rule.is_on) for rule in watch.rules.all()),
        mails=watch.mails,
        webhook_url=watch.webhook_url,
    )


def watches(user: Any) -> QuerySet[Watch]:
    """The watches of a user with their rules."""
    mine: QuerySet[Watch] = Watch.objects.for_user(user)
    return mine.prefetch_related(Prefetch("rules", Rule.objects.order_by("created_at", "id")))


@dataclass(frozen=True, slots=True)
class Cost:
    """What a schedule takes of the month: `runs` in the next 30 days, each with one unit a platform.

    `others` is what the owner's other active watches take.
    """

    runs: int
    platforms: int
    others: int
    usage: KindUsage

    @property
    def units(self) -> int:
        """Units in 30 days."""
        return self.runs * self.platforms

    @property
    def is_over(self) -> bool:
        """Whether all watches together take more than a month gives."""
        return self.units + self.others > self.usage.limit


def units_of(watch: Watch, now: datetime) -> int:
    """Units a watch takes in the next 30 days; none while it is paused."""
    if watch.state != Watch.State.ACTIVE:
        return 0
    return schedule_of(watch).runs_within(now) * len(set(watch.platforms))


def cost(user: Any, schedule: Schedule, platforms: int, now: datetime, *, besides: UUID | None = None) -> Cost:
    """What a schedule would take; `besides` is the watch that it is for."""
    others = Watch.objects.for_user(user).exclude(pk=besides)
    return Cost(
        runs=schedule.runs_within(now),
        platforms=platforms,
        others=sum(units_of(watch, now) for watch in others),
        usage=usage_of(user, UsageKind.SCRAPE, now),
    )


@dataclass(frozen=True, slots=True)
class Record:
    """How many marks were hits and misses; what is not known counts as neither."""

    hits: int = 0
    misses: int = 0

    def __add__(self, other: "Record") -> "Record":
        return Record(self.hits + other.hits, self.misses + other.misses)

    @property
    def graded(self) -> int:
        """Marks that were hit or missed."""
        return self.hits + self.misses

    @property
    def rate(self) -> float | None:
        """The share of hits; None before anything was graded."""
        return self.hits / self.graded if self.graded else None


Records = Mapping[UUID, Mapping[int, Record]]


def records(rules: Iterable[Rule]) -> dict[UUID, dict[int, Record]]:
    """The record of each rule by hours, in one query."""
    ids = [rule.pk for rule in rules]
    counted = (
        Mark.objects.filter(alert__rule__in=ids)
        .order_by()
        .values_list("alert__rule", "hours")
        .annotate(hits=Count("pk", filter=Q(state="hit")), misses=Count("pk", filter=Q(state="miss")))
    )
    found: dict[UUID, dict[int, Record]] = {pk: {} for pk in ids}
    for pk, hours, hits, misses in counted:
        found[pk][hours] = Record(hits, misses)
    return found


def together(of_rules: Iterable[Mapping[int, Record]]) -> Record:
    """One record of several rules, all hours together."""
    return sum((record for by_hours in of_rules for record in by_hours.values()), Record())


def fresh(ids: Collection[UUID]) -> dict[UUID, int]:
    """How many posts each watch met for the first time since its owner looked."""
    rows = WatchTrend.objects.filter(watch__in=ids, at__gt=F("watch__seen_at"), trend__trashed_at=None)
    return dict(rows.order_by().values_list("watch").annotate(count=Count("pk")))


@dataclass(frozen=True, slots=True)
class KeptLook:
    """One kept measurement of a trend with its ratings; a look of a release that kept none has no score either."""

    at: datetime
    reach: int
    multiple: float | None
    velocity: float | None
    score: float | None


def kept_looks(trend_ids: Sequence[UUID]) -> dict[UUID, list[KeptLook]]:
    """The kept looks of trends in their order."""
    rows = Snapshot.objects.filter(trend__in=trend_ids).order_by("trend", "at", "id")
    found: dict[UUID, list[KeptLook]] = {}
    columns = rows.values_list("trend", "at", "reach", "multiple", "velocity", "score")
    for pk, at, reach, multiple, velocity, score in columns.iterator():
        found.setdefault(pk, []).append(KeptLook(at, reach, multiple, velocity, score))
    return found


def first_reached(
    trend_ids: Sequence[UUID], rules: Sequence[RuleSpec], since: datetime, until: datetime
) -> list[dict[UUID, datetime]]:
    """For each rule the trends that reach it for the first time within a period, and when; one pass for all rules."""
    if not rules:
        return []
    firsts = {
        f"first_{number}": Min("at", filter=Q(**{f"{rule.metric.value}__gte": rule.at_least}))
        for number, rule in enumerate(rules)
    }
    found: list[dict[UUID, datetime]] = [{} for _ in rules]
    rows = Snapshot.objects.filter(trend__in=trend_ids).order_by().values_list("trend").annotate(**firsts)
    for pk, *moments in rows:
        for reached, at in zip(found, moments, strict=True):
            if at is not None and since <= at <= until:
                reached[pk] = at
    return found


# The first look of all tells whether ratings were kept from the beginning; the others decide a claim and its marks.
# Each is one step down the index (trend, at), so that a history of any length costs the same.
DECIDING = """
    SELECT claim.trend_id, look.at, look.reach, look.multiple, look.velocity, look.score
    FROM unnest(%(trends)s::uuid[], %(moments)s::timestamptz[]) AS claim (trend_id, at)
    CROSS JOIN LATERAL (
        (SELECT * FROM trends_snapshot s WHERE s.trend_id = claim.trend_id ORDER BY s.at, s.id LIMIT 1)
        UNION ALL
        (SELECT * FROM trends_snapshot s
         WHERE s.trend_id = claim.trend_id AND s.at = claim.at AND s.{metric} >= %(least)s ORDER BY s.id LIMIT 1)
        UNION ALL
        SELECT later.* FROM unnest(%(hours)s::int[]) AS mark (hours)
        CROSS JOIN LATERAL (
            SELECT * FROM trends_snapshot s
            WHERE s.trend_id = claim.trend_id AND s.at >= claim.at + mark.hours * interval '1 hour'
            ORDER BY s.at, s.id LIMIT 1
        ) later
    ) look
    ORDER BY claim.trend_id, look.at, look.id
"""


def deciding_looks(reached: Mapping[UUID, datetime], rule: RuleSpec) -> dict[UUID, list[KeptLook]]:
    """Of trends that reach a rule, the few looks on which the claim and its marks rest, in their order (some twice).

    `first_reaching` and `measured` find the same in them as in all looks of the trend.
    """
    found: dict[UUID, list[KeptLook]] = {}
    values: dict[str, Any] = {
        "trends": list(reached),
        "moments": list(reached.values()),
        "least": rule.at_least,
        "hours": list(GROWTH),
    }
    with connection.cursor() as cursor:
        # The name is one of an enumeration, never what somebody typed.
        cursor.execute(DECIDING.format(metric=Metric(rule.metric).value), values)
        for pk, *columns in cursor.fetchall():
            found.setdefault(pk, []).append(KeptLook(*columns))
    return found


def runs_of(watch: Watch) -> QuerySet[WatchRun]:
    """The runs of a watch."""
    return WatchRun.objects.filter(watch=watch)


def alerts_of(watch: Watch) -> QuerySet[Alert]:
    """The alerts of a watch with what they are about, without those of posts in the trash."""
    mine = Alert.objects.filter(owner_id=watch.owner_id, rule__watch=watch, trend__trashed_at=None)
    return mine.select_related("rule", "trend").defer("trend__search").prefetch_related("marks")


def deliveries(watch: Watch) -> Sequence[Job]:
    """The latest messages to the watch's own address."""
    mine = Job.objects.filter(owner_id=watch.owner_id, kind=WEBHOOK_KIND, subject_id=watch.pk)
    return list(mine.order_by("-created_at", "-id")[:DELIVERIES])
