"""Boards in the library."""

from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse

from ideaboards.models import Ideaboard
from library.items import Item
from library.sources.source import Source
from library.specs import Kind

LEAD = 280


def _rows(user: Any) -> QuerySet[Ideaboard]:
    return Ideaboard.objects.for_user(user)


def _item(board: Ideaboard) -> Item:
    return Item(
        kind=Kind.BOARD,
        id=board.pk,
        title=board.title,
        url=reverse("ideaboards:detail", args=[board.pk]),
        at=board.edited_at,
        text=board.description or board.body_text[:LEAD],
        state=board.state,
        hue=board.colour,
    )


BOARDS = Source(
    kind=Kind.BOARD,
    rows=_rows,
    at="edited_at",
    vector=F("search"),
    substrings=("title", "description", "body_text"),
    title="title",
    body="body_text",
    columns=("title", "description", "body_text", "state", "colour", "edited_at"),
    item=_item,
)
