"""What the page shows, computed before a template sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from kapture.core.choices import Platform
from kapture.gateways.scraping import DateRange
from kapture.web.bars import BarChart
from kapture.web.charts import LineChart
from trends.analytics import lines, plots, reads, wording
from trends.analytics.choices import Asked, Choice
from trends.analytics.leading import Leads
from trends.analytics.lines import Cell, Line, Rising, Stat, TopicLine
from trends.analytics.reports import Analytics, Ranking, Summary
from trends.analytics.rising import AUTHOR_SORTS, HASHTAG_SORTS, Author, Hashtag, ranked

ROWS, TOPICS = 10, 10
TAG_HEADS = {"-rise": "Rise", "-trends": "Posts", "-reach": "Reach", "-reachRise": "Rise of reach"}
AUTHOR_HEADS = {"-trends": "Posts", "-reach": "Reach", "-multiple": "Multiple"}


@dataclass(frozen=True, slots=True)
class Page:
    """The reports of one address."""

    asked: Asked
    total: int
    summary: Summary
    ranking: Ranking
    leads: Leads
    tags: Sequence[Hashtag]
    people: Sequence[Author]
    found: Analytics
    titles: Mapping[UUID, str]

    @classmethod
    def of(cls, request: HttpRequest, now: datetime) -> "Page":
        """Everything the page shows."""
        asked = Asked.of(request.GET)
        found = Analytics(request.user, asked.length, asked.platform, now=now)
        ranking, summary = found.ranking, found.summary
        tags = ranked(ranking.hashtags, HASHTAG_SORTS[asked.hashtags])[:ROWS]
        people = ranked(ranking.authors, AUTHOR_SORTS[asked.authors])[:ROWS]
        rows = [summary.all, *summary.platforms, *(tag.row for tag in tags), *(author.row for author in people)]
        return cls(
            asked=asked,
            total=found.total,
            summary=summary,
            ranking=ranking,
            leads=found.leads(asked.basis),
            tags=tags,
            people=people,
            found=found,
            titles=reads.headlines(request.user, {row.figures.best for row in rows if row.figures.best}),
        )

    @property
    def is_unused(self) -> bool:
        """Whether nothing was ever captured."""
        return not self.total

    @property
    def is_empty(self) -> bool:
        """Whether nothing that was captured is of this period and platform."""
        return not self.summary.considered

    @property
    def scope(self) -> str:
        """What the figures rest on, in a sentence."""
        count = self.summary.considered
        if self.summary.cut:
            return f"The newest {count:,} posts of the period; there are more, so counts are not compared."
        return f"All {count:,} posts published in the {self.words}." if count > 1 else f"One post of the {self.words}."

    @property
    def words(self) -> str:
        """The period in words."""
        return str(self.asked.length.label).lower()

    @property
    def plot_note(self) -> str:
        """What the plots count, and up to when each of their parts goes."""
        end = plots.clock(self.found.period.until)
        parts = "an hour" if self.asked.length is DateRange.DAY else f"24 hours up to {end} of the day"
        return f"By the time of publishing; each part is {parts}. Reach as of the last look."

    @property
    def stats(self) -> list[Stat]:
        """The four figures."""
        return lines.stats(self.summary, self.words.removeprefix("past "))

    @property
    def posts_chart(self) -> BarChart:
        """Posts by platform and time."""
        return plots.posts_by_platform(self.found.period, self.summary.platforms)

    @property
    def reach_chart(self) -> LineChart:
        """Reach by platform and time."""
        return plots.reach_by_platform(self.found.period, self.summary.platforms)

    @property
    def tags_chart(self) -> LineChart | None:
        """The first hashtags of the table over time."""
        return plots.rising_hashtags(self.found.period, self.tags)

    @property
    def platforms(self) -> list[Line]:
        """The table of platforms."""
        return [
            Line.of(row, wording.label(row.key), self.asked.trends(platform=row.key), self.titles)
            for row in self.summary.platforms
        ]

    @property
    def hashtags(self) -> list[Line]:
        """The table of hashtags."""
        return [
            Line.of(tag.row, f"#{tag.row.name}", self.asked.hashtag(tag.row.name), self.titles, Rising.of(tag))
            for tag in self.tags
        ]

    @property
    def authors(self) -> list[Line]:
        """The table of authors; `more` is the multiple where enough posts are rated."""
        return [
            Line.of(one.row, one.row.name, self._posts_of(one), self.titles, wording.times(one.multiple))
            for one in self.people
        ]

    def _posts_of(self, author: Author) -> str:
        return self.asked.trends(platform=author.row.platform, author=author.row.key)

    @property
    def tag_heads(self) -> list[Choice]:
        """Orders of the hashtags."""
        return [
            Choice(sort, words, self.asked.address(hashtags=sort), sort == self.asked.hashtags)
            for sort, words in TAG_HEADS.items()
        ]

    @property
    def author_heads(self) -> list[Choice]:
        """Orders of the authors."""
        return [
            Choice(sort, words, self.asked.address(authors=sort), sort == self.asked.authors)
            for sort, words in AUTHOR_HEADS.items()
        ]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What each pair of platforms says, and how far that can be trusted."""
        return [(wording.verdict(pair), wording.doubt(pair)) for pair in self.leads.pairs]

    @property
    def matrix(self) -> list[tuple[Platform, list[Cell | None]]]:
        """Who was before whom."""
        return lines.matrix(self.leads)

    @property
    def topics(self) -> list[TopicLine]:
        """The first topics with their lanes."""
        return lines.topic_lines(self.asked, self.leads.topics[:TOPICS])

    @property
    def left_out(self) -> str:
        """What the comparison of platforms does not count, in words; empty for nothing."""
        undated, older = self.leads.undated, self.leads.older
        why = {
            f"{undated:,} {'post' if undated == 1 else 'posts'} whose time is not known to the day": undated,
            f"{older:,} {'topic' if older == 1 else 'topics'} that a platform had before the period": older,
        }
        said = " and ".join(words for words, count in why.items() if count)
        return f"Left out: {said}." if said else ""
