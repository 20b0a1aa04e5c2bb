"""What the watch pages show, ready for their templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from billing.queries import KindUsage, usage_of
from kapture.core.choices import Platform, UsageKind
from kapture.core.paging import Page, PageRequest, paginate
from kapture.jobs.models import Job
from trends.models import Alert, Mark, Rule, Watch, WatchRun
from trends.watches import queries
from trends.watches.queries import Record, schedule_of, together, units_of
from trends.watches.rules import GROWTH
from trends.watches.wording import HOURS_WORDS, figure, rule_words

ALERTS, RUNS = 20, 10
MARK_WORDS = {"waiting": "Waiting", "hit": "Hit", "miss": "Miss", "unknown": "Unknown"}
MARK_TONES = {"waiting": "neutral", "hit": "ok", "miss": "bad", "unknown": "neutral"}


@dataclass(frozen=True, slots=True)
class Row:
    """One watch in the list."""

    watch: Watch
    schedule: str
    units: int
    fresh: int
    record: Record

    @property
    def is_active(self) -> bool:
        """Whether it runs by itself."""
        return self.watch.state == Watch.State.ACTIVE

    @property
    def platforms(self) -> list[Platform]:
        """Where it looks."""
        return [Platform(name) for name in self.watch.platforms]


@dataclass(frozen=True, slots=True)
class ListPage:
    """All watches, and what they take together."""

    rows: Sequence[Row]
    usage: KindUsage

    @classmethod
    def of(cls, user: Any) -> "ListPage":
        """The watches of a user."""
        now = timezone.now()
        watches = list(queries.watches(user))
        records = queries.records(rule for watch in watches for rule in watch.rules.all())
        fresh = queries.fresh([watch.pk for watch in watches])
        rows = [_row(watch, records, fresh, now) for watch in watches]
        return cls(rows, usage_of(user, UsageKind.SCRAPE, now))

    @property
    def units(self) -> int:
        """Scrapes that all watches take in 30 days."""
        return sum(row.units for row in self.rows)

    @property
    def is_over(self) -> bool:
        """Whether that is more than a month gives."""
        return self.units > self.usage.limit


def _row(watch: Watch, records: queries.Records, fresh: Mapping[UUID, int], now: datetime) -> Row:
    record = together(records[rule.pk] for rule in watch.rules.all())
    return Row(watch, schedule_of(watch).words, units_of(watch, now), fresh.get(watch.pk, 0), record)


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A rule with its record for each time after the alert."""

    rule: Rule
    by_hours: Sequence[tuple[str, Record]]

    @property
    def words(self) -> str:
        """What it says."""
        return rule_words(self.rule.metric, self.rule.at_least)


@dataclass(frozen=True, slots=True)
class ShownMark:
    """A mark in words."""

    mark: Mark

    @property
    def words(self) -> str:
        """Its state."""
        return MARK_WORDS[self.mark.state]

    @property
    def tone(self) -> str:
        """The tone of its badge."""
        return MARK_TONES[self.mark.state]

    @property
    def when(self) -> str:
        """How long after the alert."""
        return HOURS_WORDS[self.mark.hours]


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """An alert with its marks."""

    alert: Alert
    marks: Sequence[ShownMark]

    @property
    def words(self) -> str:
        """What its rule saw: Views an hour 12,000."""
        rule = self.alert.rule
        return f"{rule.get_metric_display()} {figure(rule.metric, self.alert.value)}"


@dataclass(frozen=True, slots=True)
class WatchPage:
    """One watch with its runs, alerts and messages."""

    row: Row
    rules: Sequence[ShownRule]
    alerts: Sequence[ShownAlert]
    page: Page
    runs: Sequence[WatchRun]
    deliveries: Sequence[Job]
    usage: KindUsage
    hours: Sequence[str] = field(default=tuple(HOURS_WORDS.values()))

    @classmethod
    def of(cls, user: Any, pk: UUID, query: Mapping[str, str]) -> "WatchPage":
        """The watch of a user; raises `NotFound`."""
        now = timezone.now()
        watch = queries.watches(user).fetch(user, pk)  # type: ignore[attr-defined]  # the stubs forget the class
        records = queries.records(watch.rules.all())
        page = paginate(queries.alerts_of(watch), ("-raised_at", "-id"), PageRequest.read(query, ALERTS))
        return cls(
            row=_row(watch, records, queries.fresh([watch.pk]), now),
            rules=[_rule(rule, records[rule.pk]) for rule in watch.rules.all()],
            alerts=[ShownAlert(one, [ShownMark(mark) for mark in one.marks.all()]) for one in page.rows],
            page=page,
            runs=list(queries.runs_of(watch).order_by("-slot", "-id")[:RUNS]),
            deliveries=queries.deliveries(watch) if watch.webhook_url else [],
            usage=usage_of(user, UsageKind.SCRAPE, now),
        )

    @property
    def head(self) -> str:
        """The line under the title."""
        watch = self.row.watch
        return f"{', '.join(watch.keywords)} on {', '.join(one.label for one in self.row.platforms)}"


def _rule(rule: Rule, records: Mapping[int, Record]) -> ShownRule:
    return ShownRule(rule, [(HOURS_WORDS[hours], records.get(hours, Record())) for hours in GROWTH])
