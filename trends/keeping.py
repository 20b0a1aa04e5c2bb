"""What somebody does to trends they have: delete, tag, put on a shelf; each leaves a `Change` that undoes it.

Every writer here first locks the totals of the platforms it touches, as ingestion does: writers of the same rows come
one after the other, and totals move together with rows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from kapture.audit.services import record
from kapture.core.errors import InvalidInput, NotFound
from trends import kept
from trends.labels import MAX_TAGS, clean_tags, relabelled, spelled
from trends.models import Category, Change, PlatformTotal, Trend
from trends.shelves import shelf

MAX_AT_ONCE: Final = 100
Before = Mapping[str, Any]


def delete_trends(user: Any, ids: Iterable[UUID]) -> Change | None:
    """Put trends of a user into the trash; ids of others are passed over. Answers None when there was nothing to do."""
    with transaction.atomic():
        rows = _locked(user, Trend.objects.for_user(user), ids)
        Trend.objects.filter(pk__in=[row.pk for row in rows]).update(trashed_at=timezone.now())
        _move_totals(user, rows, -1)
        return _remember(user, Change.Action.DELETE, {str(row.pk): {} for row in rows})


def tag_trends(user: Any, ids: Iterable[UUID], *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Change | None:
    """Add tags to trends of a user and take others away; None when they all were so already.

    Raises `InvalidInput` when one of them would carry more than 20; then none is changed.
    """
    wanted, unwanted = clean_tags(add), clean_tags(remove)
    with transaction.atomic():
        rows = _locked(user, Trend.objects.for_user(user), ids)
        wanted = spelled(wanted, (tag.name for tag in kept.tags(user)) if wanted else ())
        before = {str(row.pk): change for row in rows if (change := _relabel(row, wanted, unwanted))}
        if full := sum(len(row.tags) > MAX_TAGS for row in rows):
            raise InvalidInput({"tags": [f"A trend holds at most {MAX_TAGS} tags; {full} would hold more."]})
        Trend.objects.bulk_update([row for row in rows if str(row.pk) in before], ["tags"])
        return _remember(user, Change.Action.TAG, before)


def move_trends(user: Any, ids: Iterable[UUID], name: str) -> Change | None:
    """Put trends of a user on the shelf of a name, which is made when there is none; an empty name takes them off."""
    with transaction.atomic():
        rows = _locked(user, Trend.objects.for_user(user), ids)
        category = shelf(user, name) if name.strip() and rows else None
        became = category.pk if category else None
        moved = [row for row in rows if row.category_id != became]
        Trend.objects.filter(pk__in=[row.pk for row in moved]).update(category=category)
        before = {str(row.pk): {"was": _text(row.category_id), "became": _text(became)} for row in moved}
        return _remember(user, Change.Action.CATEGORY, before)


def undo(user: Any, pk: UUID) -> int:
    """Take back what one change did to the trends that still are as it left them; answers how many.

    A second time nothing is left to do. Raises `NotFound` alike for a missing and for somebody else's change.
    """
    with transaction.atomic():
        change = Change.objects.for_user(user).select_for_update().filter(pk=pk).first()
        if change is None:
            raise NotFound
        if change.undone_at is not None:
            return 0
        undone = UNDOERS[Change.Action(change.action)](user, change.before)
        Change.objects.filter(pk=pk).update(undone_at=timezone.now())
        record(user, "trends.undone", change, count=undone)
        return undone


def _restore(user: Any, before: Before) -> int:
    rows = _locked(user, Trend.objects.in_trash(user), before)
    Trend.objects.filter(pk__in=[row.pk for row in rows]).update(trashed_at=None)
    _move_totals(user, rows, 1)
    return len(rows)


def _retag(user: Any, before: Before) -> int:
    rows = _locked(user, Trend.objects.for_user(user), before)
    for row in rows:
        was = before[str(row.pk)]
        # What was tagged since then may have filled the trend: what does not fit any more stays away.
        row.tags = relabelled(row.tags, was["removed"], was["added"])[:MAX_TAGS]
    Trend.objects.bulk_update(rows, ["tags"])
    return len(rows)


def _put_back(user: Any, before: Before) -> int:
    mine = {str(pk) for pk in Category.objects.for_user(user).values_list("pk", flat=True)}
    rows = _locked(user, Trend.objects.for_user(user), before)
    rows = [row for row in rows if _text(row.category_id) == before[str(row.pk)]["became"]]
    for row in rows:
        was = before[str(row.pk)]["was"]
        row.category_id = UUID(was) if was in mine else None
    Trend.objects.bulk_update(rows, ["category"])
    return len(rows)


UNDOERS: Final[Mapping[Change.Action, Callable[[Any, Before], int]]] = {
    Change.Action.DELETE: _restore,
    Change.Action.TAG: _retag,
    Change.Action.CATEGORY: _put_back,
}


def _locked(user: Any, rows: QuerySet[Trend], ids: Iterable[Any]) -> list[Trend]:
    """Those of some rows with one of these ids, after all other writers of their platforms are done.

    A row that another writer brought back meanwhile, on a platform that is not locked for it, is not among them.
    """
    wanted = rows.filter(pk__in=list(ids)).order_by("platform", "pk")
    platforms = sorted(set(wanted.values_list("platform", flat=True)))
    list(PlatformTotal.objects.select_for_update().filter(owner=user, platform__in=platforms).order_by("platform"))
    return list(wanted.filter(platform__in=platforms).only("id", "platform", "tags", "category_id"))


def _move_totals(user: Any, rows: Sequence[Trend], step: int) -> None:
    for platform in sorted({row.platform for row in rows}):
        moved = step * sum(row.platform == platform for row in rows)
        PlatformTotal.objects.filter(owner=user, platform=platform).update(count=F("count") + moved)


def _relabel(row: Trend, add: Sequence[str], remove: Sequence[str]) -> dict[str, list[str]] | None:
    """Change the tags of a row; what was added and removed, or None."""
    old, new = set(row.tags), relabelled(row.tags, add, remove)
    if old == set(new):
        return None
    row.tags = new
    return {"added": sorted(set(new) - old), "removed": sorted(old - set(new))}


def _remember(user: Any, action: Change.Action, before: Before) -> Change | None:
    if not before:
        return None
    change: Change = Change.objects.create(owner=user, action=action, before=before)
    record(user, f"trends.{action.label.lower()}", change, count=len(before))
    return change


def _text(pk: UUID | None) -> str | None:
    return str(pk) if pk else None
