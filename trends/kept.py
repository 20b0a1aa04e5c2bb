"""Reads of how somebody keeps their trends: tags in use, categories, saved views."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from trends.models import Category, Change, SavedView, Trend

# The tags of this many trends, the ones looked at last, are counted.
TAGGED: Final = 1_000
MAX_CATEGORIES: Final = 100
MAX_VIEWS: Final = 50
SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag, and how many trends carry it."""

    name: str
    trends: int


def tags(user: Any) -> list[TagCount]:
    """The tags in use by alphabet, in one bounded read: counted are the last 1,000 trends with a tag."""
    tagged = Trend.objects.for_user(user).exclude(tags=[]).order_by("-scraped_at")
    found = Counter(tag for tags in tagged.values_list("tags", flat=True)[:TAGGED] for tag in tags)
    return [TagCount(name, found[name]) for name in sorted(found, key=lambda tag: (tag.casefold(), tag))]


def categories(user: Any) -> QuerySet[Category]:
    """The categories of a user by alphabet."""
    mine: QuerySet[Category] = Category.objects.for_user(user)
    return mine.order_by(Lower("name"), "id")


def counted(rows: QuerySet[Category]) -> QuerySet[Category]:
    """Categories with how many trends outside the trash stand on each (`trends`)."""
    inside = Trend.objects.filter(category=OuterRef("pk"), trashed_at=None).order_by()
    count = inside.values("category").annotate(count=Count("pk")).values("count")
    return rows.annotate(trends=Coalesce(Subquery(count), 0))


def shelf_name(trend: Trend) -> str:
    """The name of the category a trend stands on; empty for none, and for one that was deleted."""
    if trend.category_id is None:
        return ""
    mine = Category.objects.filter(pk=trend.category_id, owner_id=trend.owner_id)
    return str(mine.values_list("name", flat=True).first() or "")


def changes(user: Any) -> Sequence[Change]:
    """The last changes of a user, newest first."""
    return list(Change.objects.for_user(user)[:SHOWN])


def views(user: Any) -> Sequence[SavedView]:
    """The saved views of a user, oldest first."""
    return list(SavedView.objects.for_user(user)[:MAX_VIEWS])
