"""The reports, worked out once for each state of somebody's trends and kept for minutes; the cache may lose them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from django.core.cache import cache
from django.db.models import Max, Sum

from kapture.core.choices import Platform
from kapture.gateways.scraping import DateRange
from trends.analytics import gathering, leading, reads, rising
from trends.analytics.figures import Groups, Key, Row, Sample, row
from trends.analytics.leading import Basis, Leads
from trends.analytics.periods import ROUND, Period
from trends.analytics.shares import MIN_BEFORE
from trends.models import PlatformTotal

STRONGEST: Final = 20
# Part of the keys; raised whenever a kept report changes its fields.
SHAPE: Final = 1
Report = TypeVar("Report")


@dataclass(frozen=True, slots=True)
class Summary:
    """All posts together, each platform, and the hashtags and authors with most posts."""

    considered: int
    cut: bool
    all: Row
    platforms: list[Row]
    hashtags: list[Row]
    authors: list[Row]


@dataclass(frozen=True, slots=True)
class Ranking:
    """What analytics say about hashtags and authors; `is_enough` says whether the period before can be compared."""

    considered: int
    considered_before: int
    cut: bool
    hashtags: list[rising.Hashtag]
    authors: list[rising.Author]

    @property
    def is_enough(self) -> bool:
        """Whether there were enough posts before to tell what rose."""
        return self.considered_before >= MIN_BEFORE


@dataclass(frozen=True, slots=True)
class _Both:
    summary: Summary
    ranking: Ranking


class Analytics:
    """The reports of one user over a period; `platform` None means all of them."""

    def __init__(self, user: Any, length: DateRange, platform: Platform | None, *, now: datetime) -> None:
        self.user, self.platform = user, platform
        self.period = Period.ending(length, now)
        # Whatever changes somebody's trends changes their kept totals.
        self._totals = PlatformTotal.objects.filter(owner_id=user.pk).aggregate(
            all=Sum("count"), at=Max("last_look_at")
        )
        self._board: _Both | None = None

    @property
    def total(self) -> int:
        """How many trends there are of any time."""
        return self._totals["all"] or 0

    @property
    def summary(self) -> Summary:
        """The figures of the period."""
        return self._both.summary

    @property
    def ranking(self) -> Ranking:
        """Its hashtags and authors."""
        return self._both.ranking

    def leads(self, basis: Basis) -> Leads:
        """Which platform was first; always over all platforms."""
        return self._kept(f"leads:{basis}", lambda: self._leads(basis))

    @property
    def _both(self) -> _Both:
        if self._board is None:
            self._board = self._kept(f"board:{self.platform or ''}", self._read)
        return self._board

    def _read(self) -> _Both:
        sample = reads.facts(self.user, self.period, self.platform)
        tags = Groups.of(sample, lambda fact: set(fact.hashtags))
        people = Groups.of(sample, rising.author_of)
        ranking = Ranking(
            considered=len(sample.facts),
            considered_before=len(sample.before),
            cut=sample.cut,
            hashtags=rising.hashtags(self.period, sample, tags),
            authors=rising.authors(self.period, sample, people),
        )
        return _Both(_summary(self.period, sample, tags, people), ranking)

    def _leads(self, basis: Basis) -> Leads:
        posts, before, cut = reads.posts(self.user, self.period)
        gathered = gathering.gather(posts, before)
        moment: leading.Moment = leading.published
        if basis is Basis.SEEN:
            moment = leading.first_looks(reads.first_seen(gathered.posts, gathered.least))
        return leading.leads(gathered, moment, considered=len(posts), cut=cut)

    def _kept(self, what: str, work: Callable[[], Report]) -> Report:
        state = f"{self.total}:{self._totals['at']}:{self.period.until.timestamp():.0f}"
        key = f"trends.analytics:{SHAPE}:{self.user.pk}:{self.period.length}:{what}:{state}".replace(" ", "")
        found: Report | None = cache.get(key)
        if found is None:
            found = work()
            cache.set(key, found, ROUND.total_seconds())
        return found


def _summary(period: Period, sample: Sample, tags: Groups[str], people: Groups[tuple[str, str]]) -> Summary:
    platforms = Groups.of(sample, lambda fact: [fact.platform])

    def rows(groups: Groups[Key], called: Callable[[Key], dict[str, str]]) -> list[Row]:
        keys = _strongest(groups)
        return [row(period, sample, groups.now[key], groups.before[key], **called(key)) for key in keys]

    return Summary(
        considered=len(sample.facts),
        cut=sample.cut,
        all=row(period, sample, sample.facts, sample.before, key="", name="", platform=""),
        platforms=rows(platforms, lambda name: {"key": name, "name": name, "platform": name}),
        hashtags=rows(tags, lambda tag: {"key": tag, "name": tag, "platform": ""}),
        authors=rows(
            people, lambda one: {"key": one[1], "name": rising.called(people.now[one][0]), "platform": one[0]}
        ),
    )


def _strongest(groups: Groups[Key]) -> list[Key]:
    """The groups with most posts; of equally many those with more reach."""
    order = {key: (-len(facts), -sum(fact.reach for fact in facts), str(key)) for key, facts in groups.now.items()}
    return sorted(order, key=lambda key: order[key])[:STRONGEST]
