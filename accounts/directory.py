"""People as staff see them: in what state they are, when they were last seen, and what rooms above know of them."""

from collections.abc import Callable, Iterable
from typing import Any

from allauth.usersessions.models import UserSession
from django.db.models import Case, CharField, Exists, Max, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest

from accounts.models import ApiKey, Closing, User

OPEN, SUSPENDED, CLOSED = "open", "suspended", "closed"
STATES = {OPEN: "Open", SUSPENDED: "Suspended", CLOSED: "Closed"}
# Name of a column -> its value in SQL for a user, and the values it may have; billing enters `plan`.
columns: dict[str, Combinable] = {}
choices: dict[str, Callable[[], Iterable[str]]] = {}


def people(rows: QuerySet[User]) -> QuerySet[Any]:
    """Users with `state`, `last_seen` (empty for somebody who never came) and the columns of rooms above."""
    is_closed = Exists(Closing.objects.filter(user=OuterRef("pk")))
    state = Case(
        When(is_closed, then=Value(CLOSED)),
        When(is_active=True, then=Value(OPEN)),
        default=Value(SUSPENDED),
        output_field=CharField(),
    )
    # GREATEST leaves out what is empty.
    last_seen = Greatest(
        "last_login", _latest(UserSession, "user", "last_seen_at"), _latest(ApiKey, "owner", "last_used_at")
    )
    return rows.annotate(state=state, last_seen=last_seen, **columns)


def _latest(model: Any, owner: str, moment: str) -> Subquery:
    mine = model.objects.filter(**{owner: OuterRef("pk")}).order_by().values(owner)
    return Subquery(mine.annotate(latest=Max(moment)).values("latest"))
