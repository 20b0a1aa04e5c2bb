"""Reads of boards and of what was written for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Left

from ideaboards.models import BoardSource, BoardVersion, Generation, Ideaboard
from kapture.core.searching import every_word
from trends.models import Trend

SORTS = {
    "-edited": ("-edited_at", "-id"),
    "edited": ("edited_at", "id"),
    "title": ("title", "id"),
    "-created": ("-created_at", "-id"),
}
HEAVY = ("body", "body_text", "search")
EXCERPT = 240


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which boards to list; an empty field does not filter, without a state archived boards are left out."""

    q: str = ""
    state: str = ""
    tag: str = ""
    sort: str = "-edited"

    @property
    def ordering(self) -> tuple[str, str]:
        """A total order."""
        return SORTS.get(self.sort, SORTS["-edited"])


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A written line as a page shows it: `n` is its source's number on this board, None when it has none."""

    index: int
    text: str
    section: str
    n: int | None
    title: str
    quote: str
    supported: bool


def boards(user: Any, wanted: BoardFilter) -> QuerySet[Ideaboard]:
    """The user's boards without their bodies, counted."""
    rows = Ideaboard.objects.for_user(user)
    rows = rows.filter(state=wanted.state) if wanted.state else rows.open()
    if (words := every_word(wanted.q)) is not None:
        rows = rows.filter(search=words)
    if wanted.tag:
        rows = rows.filter(tags__contains=[wanted.tag])
    found: QuerySet[Ideaboard] = counted(rows).defer(*HEAVY)
    return found


def counted(rows: Any) -> Any:
    """Boards with their numbers of finished generations (`ideas`) and sources (`source_count`), and an `excerpt`."""
    ideas = Generation.objects.filter(board=OuterRef("pk"), state=Generation.State.COMPLETED)
    sources = BoardSource.objects.filter(board=OuterRef("pk"))
    return rows.annotate(ideas=_count(ideas), source_count=_count(sources), excerpt=Left("body_text", EXCERPT))


def recent(user: Any, count: int) -> QuerySet[Ideaboard]:
    """The boards edited last, archived ones left out."""
    found: QuerySet[Ideaboard] = Ideaboard.objects.for_user(user).open().order_by("-edited_at", "-id")[:count]
    return found


def states(user: Any) -> dict[str, int]:
    """How many boards are in each state."""
    rows = Ideaboard.objects.for_user(user).order_by().values_list("state").annotate(count=Count("pk"))
    return dict(rows)


def tags(user: Any) -> list[str]:
    """Every tag in use, in alphabetical order."""
    found = Ideaboard.objects.for_user(user).values_list("tags", flat=True)[:500]
    return sorted({tag for tags in found for tag in tags}, key=str.casefold)


def sources(board: Ideaboard) -> list[BoardSource]:
    """What a board leans on, by number, with the trends that still exist."""
    return list(board.sources.select_related("trend").defer("trend__search", "trend__text").order_by("n"))


def generations(board: Ideaboard, count: int) -> list[Generation]:
    """What was written for a board last, newest first, whole drafts left out."""
    return list(board.generations.exclude(kind=Generation.Kind.IDEABOARD).order_by("-created_at", "-id")[:count])


def versions(board: Ideaboard) -> QuerySet[BoardVersion]:
    """The history of a board without the bodies, newest first."""
    return board.versions.defer("body").order_by("-number")


def shown_lines(generation: Generation, sources: Iterable[BoardSource]) -> list[ShownLine]:
    """Lines with the numbers their sources have on the board; other sources keep the number of the order."""
    known = {str(source.key): source for source in sources}
    found = []
    for index, line in enumerate(generation.lines):
        source = known.get(line["trend"] or "")
        n = source.n if source else line["n"]
        title = source.title if source else ""
        found.append(ShownLine(index, line["text"], line["section"], n, title, line["quote"], line["supported"]))
    return found


def pickable(user: Any, count: int) -> list[Trend]:
    """The user's trends that did best, to draft a board from."""
    return list(Trend.objects.for_user(user).defer("search").order_by("-score", "-id")[:count])


def _count(rows: QuerySet[Any]) -> Coalesce:
    grouped = rows.order_by().values("board").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(grouped, output_field=IntegerField()), 0)
