"""The writers of categories and saved views."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Lower

from kapture.audit.services import record
from kapture.core.errors import Conflict, InvalidInput, NotFound
from trends.kept import MAX_CATEGORIES, MAX_VIEWS
from trends.labels import clean_name
from trends.models import Category, SavedView


def add_category(user: Any, name: str) -> Category:
    """Make an empty category; raises `Conflict` when its name is taken."""
    wanted = clean_name(name)
    if _named(Category.objects.for_user(user), wanted).exists():
        raise _taken(wanted)
    return shelf(user, wanted)


def shelf(user: Any, name: str) -> Category:
    """The category of a name, whatever its case, made when there is none."""
    wanted = clean_name(name)
    mine = Category.objects.for_user(user)
    with transaction.atomic():
        if (found := _named(mine, wanted).first()) is None:
            _check_room(mine.count(), MAX_CATEGORIES, "categories")
            # Another transaction of the same person may be quicker; then its category is the one.
            Category.objects.bulk_create([Category(owner=user, name=wanted)], ignore_conflicts=True)
            found = _named(mine, wanted).get()
            record(user, "trends.category_made", found)
    category: Category = found
    return category


def rename_category(user: Any, pk: UUID, name: str) -> Category:
    """Give a category another name; raises `NotFound`, or `Conflict` when another one has it."""
    wanted = clean_name(name)
    try:
        with transaction.atomic():
            if not Category.objects.for_user(user).filter(pk=pk).update(name=wanted):
                raise NotFound
            renamed: Category = Category.objects.get(pk=pk)
            record(user, "trends.category_renamed", renamed)
            return renamed
    except IntegrityError:
        raise _taken(wanted) from None


def drop_category(user: Any, pk: UUID) -> None:
    """Delete a category; its trends stay and stand on none, without being touched however many they are."""
    with transaction.atomic():
        category = Category.objects.fetch(user, pk)
        record(user, "trends.category_deleted", category)
        category.delete()


def save_view(user: Any, name: str, query: str) -> SavedView:
    """Keep a filter under a name; one of that name, whatever its case, takes the new filter."""
    wanted = clean_name(name)
    mine = SavedView.objects.for_user(user)
    with transaction.atomic():
        if not _named(mine, wanted).update(name=wanted, query=query):
            _check_room(mine.count(), MAX_VIEWS, "views")
            SavedView.objects.bulk_create([SavedView(owner=user, name=wanted, query=query)], ignore_conflicts=True)
        saved: SavedView = _named(mine, wanted).get()
        record(user, "trends.view_saved", saved)
    return saved


def drop_view(user: Any, pk: UUID) -> None:
    """Forget a saved view."""
    with transaction.atomic():
        view = SavedView.objects.fetch(user, pk)
        record(user, "trends.view_deleted", view)
        view.delete()


def _named(rows: Any, name: str) -> Any:
    return rows.alias(low=Lower("name")).filter(low=Lower(Value(name)))


def _check_room(have: int, most: int, what: str) -> None:
    if have >= most:
        raise InvalidInput({"name": [f"There is room for {most} {what}; delete one first."]})


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a category “{name}” already.")
