"""Making, saving and ordering boards."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Now
from django.utils import timezone

from ideaboards import composing
from ideaboards.models import BoardSource, BoardVersion, Generation, Ideaboard
from ideaboards.richtext import NOT_TEXT, Node, citations, empty, kept_text, normalise
from ideaboards.sources import chosen
from ideaboards.specs import BoardChanges, clean, clean_tags
from kapture.audit.services import record
from kapture.core.errors import Conflict, InvalidInput, NotFound
from kapture.core.ids import new_id
from kapture.web.shell import hue_of
from trends.models import Trend

# Autosaves within this time of each other are one entry of the history.
SITTING = timedelta(minutes=5)
KEPT_VERSIONS = 100
MAX_SOURCES = 100
INSERT_TRIES = 5
UNTITLED = "Untitled board"
Reason = BoardVersion.Reason


def create_board(
    user: Any,
    changes: BoardChanges,
    *,
    pk: UUID | None = None,
    reason: Reason = Reason.CREATED,
    sources: Iterable[Trend] = (),
) -> Ideaboard:
    """A new board in the caller's transaction, if there is one; raises `InvalidInput` for a body that is none."""
    pk = pk or new_id()
    body = empty() if changes.body is None else normalise(changes.body)
    with transaction.atomic():
        board = Ideaboard.objects.create(
            id=pk,
            owner=user,
            title=clean(changes.title or UNTITLED),
            description=NOT_TEXT.sub("", changes.description or "").strip(),
            body=body,
            body_text=kept_text(body),
            state=changes.state or Ideaboard.State.DRAFT,
            colour=changes.colour or hue_of(pk),
            tags=clean_tags(changes.tags or ()),
        )
        add_sources(board, sources)
        _cite(user, board)
        _remember(board, reason)
        record(user, "ideaboards.created", board, reason=reason.value)
    return board


def save_board(user: Any, pk: UUID, changes: BoardChanges, *, reason: Reason = Reason.EDITED) -> Ideaboard:
    """Change a board; raises `Conflict` with the present version when it was saved by somebody else in between."""
    fields = _fields(changes)
    if "body" in fields or "title" in fields:
        # Only text can be overwritten by mistake; a tag set meanwhile must not stop an open editor from saving.
        fields["version"] = F("version") + 1
    with transaction.atomic():
        rows = Ideaboard.objects.for_user(user).filter(pk=pk)
        if changes.version is not None:
            rows = rows.filter(version=changes.version)
        saved = rows.update(**fields, edited_at=Now(), updated_at=Now())
        board: Ideaboard = Ideaboard.objects.fetch(user, pk)
        if not saved:
            raise Conflict(
                "This board was changed in another window since you opened it.", details={"version": board.version}
            )
        if changes.body is not None or changes.title is not None:
            _cite(user, board)
            _remember(board, reason)
        if changes.state is not None:
            record(user, "ideaboards.state_changed", board, state=board.state)
    return board


def restore(user: Any, pk: UUID, number: int, version: int) -> Ideaboard:
    """Bring back the title and body of an earlier version as the newest one."""
    board = Ideaboard.objects.fetch(user, pk)
    old = board.versions.filter(number=number).first()
    if old is None:
        raise NotFound
    return save_board(user, pk, BoardChanges(title=old.title, body=old.body, version=version), reason=Reason.RESTORED)


def insert_lines(user: Any, pk: UUID, generation_id: UUID, index: int | None = None) -> Ideaboard:
    """Put a generation's lines (or the one at `index`) at the end of the board's body."""
    generation: Generation = Generation.objects.fetch(user, generation_id)
    lines = generation.lines if index is None else generation.lines[index : index + 1]
    if not lines:
        raise InvalidInput({"line": ["There is nothing to insert."]})
    blocks = composing.nodes(generation, lines)
    for _ in range(INSERT_TRIES):
        board = Ideaboard.objects.fetch(user, pk)
        body = composing.appended(board.body, blocks)
        try:
            return save_board(user, pk, BoardChanges(body=body, version=board.version), reason=Reason.INSERTED)
        except Conflict:
            continue
    raise Conflict("This board is being edited right now. Try again in a moment.")


def delete_board(user: Any, pk: UUID) -> None:
    """Remove a board with its sources and history; what was written for it stays in the list of generations."""
    with transaction.atomic():
        board = Ideaboard.objects.fetch(user, pk)
        record(user, "ideaboards.deleted", board, title=board.title)
        board.delete()


def add_sources(board: Ideaboard, trends: Iterable[Trend]) -> None:
    """Number further trends on; one that is a source already keeps its number. At most a hundred."""
    known = set(board.sources.values_list("key", flat=True))
    start = (board.sources.aggregate(last=Max("n"))["last"] or 0) + 1
    fresh = [trend for trend in dict.fromkeys(trends) if trend.pk not in known][: max(0, MAX_SOURCES - len(known))]
    BoardSource.objects.bulk_create(
        [
            BoardSource(board=board, trend=trend, key=trend.pk, n=n, title=trend.headline[:300])
            for n, trend in enumerate(fresh, start)
        ],
        # Two windows may cite the same trend at the same moment; one of the two rows is enough.
        ignore_conflicts=True,
    )


def _fields(changes: BoardChanges) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if changes.title is not None:
        fields["title"] = clean(changes.title)
    if changes.description is not None:
        fields["description"] = NOT_TEXT.sub("", changes.description).strip()
    if changes.body is not None:
        body: Node = normalise(changes.body)
        fields |= {"body": body, "body_text": kept_text(body)}
    if changes.state is not None:
        fields["state"] = changes.state
    if changes.colour is not None:
        fields["colour"] = changes.colour
    if changes.tags is not None:
        fields["tags"] = clean_tags(changes.tags)
    return fields


def _cite(user: Any, board: Ideaboard) -> None:
    """Make the user's trends that the body cites sources of the board."""
    cited = {UUID(key) for key in citations(board.body)}
    if cited:
        missing = cited - set(board.sources.values_list("key", flat=True))
        add_sources(board, chosen(user, sorted(missing)))


def _remember(board: Ideaboard, reason: Reason) -> None:
    """Keep what the board looks like now as a version of its history."""
    shot = {"title": board.title, "body": board.body, "words": len(board.body_text.split())}
    latest = board.versions.order_by("-number").first()
    if latest and reason == latest.reason == Reason.EDITED and latest.created_at > timezone.now() - SITTING:
        board.versions.filter(pk=latest.pk).update(number=board.version, updated_at=Now(), **shot)
        return
    BoardVersion.objects.create(board=board, number=board.version, reason=reason, **shot)
    stale = board.versions.order_by("-number").values_list("pk", flat=True)[KEPT_VERSIONS:]
    board.versions.filter(pk__in=list(stale)).delete()
