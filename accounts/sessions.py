"""Where somebody is signed in, and the end of it.

Django's table of sessions is the truth; allauth's `UserSession` beside it remembers whose a session is, its browser and
when it was seen. A row there whose session ended is not shown and swept later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils import timezone

from accounts.browsers import Browser, agent_of, browser_of
from accounts.clerk.leaving import leave
from accounts.clerk.sessions import KEY as CLERK_KEY
from accounts.models import User
from kapture.audit.services import record
from kapture.core.errors import NotFound

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One browser somebody is signed in with."""

    pk: int
    browser: Browser
    address: str
    first_seen: datetime
    last_seen: datetime
    is_this: bool


def note(request: HttpRequest, before: str | None) -> None:
    """Remember that the signed-in person's session was seen; `before` is the key the request came with.

    A session that got a new key (at a change of password) stays the same session.
    """
    key = request.session.session_key
    values = {
        "session_key": key,
        "user_agent": agent_of(request),
        "ip": get_adapter().get_client_ip(request),
        "last_seen_at": timezone.now(),
    }
    known = UserSession.objects.filter(user_id=request.user.pk, session_key__in={key, before} - {None})
    if not known.update(**values):
        UserSession.objects.bulk_create([UserSession(user_id=request.user.pk, **values)], ignore_conflicts=True)


def open_sessions(user: User, current: str | None) -> list[OpenSession]:
    """The sessions that still let somebody in, the present one first, then the last seen."""
    rows = UserSession.objects.filter(user=user).order_by("-last_seen_at", "-pk")[:MOST_SHOWN]
    alive = _alive(user, [row.session_key for row in rows])
    shown = [
        OpenSession(row.pk, browser_of(row.user_agent), row.ip, row.created_at, row.last_seen_at, key == current)
        for row in rows
        if (key := row.session_key) in alive
    ]
    return sorted(shown, key=lambda session: not session.is_this)


def _alive(user: User, keys: Iterable[str]) -> set[str]:
    """Which keys open the account now: neither run out nor older than the password."""
    store, hashes = SessionStore(), {user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()}
    found = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    data = {session.session_key: store.decode(session.session_data) for session in found}
    return {
        key
        for key, kept in data.items()
        if kept.get(SESSION_KEY) == str(user.pk) and kept.get(HASH_SESSION_KEY) in hashes
    }


def end_session(user: User, pk: int) -> str:
    """Sign out one browser at once and answer its key; raises `NotFound` when it is not the user's."""
    row = UserSession.objects.filter(user=user, pk=pk).first()
    if row is None:
        raise NotFound
    with transaction.atomic():
        _end([row.session_key])
        record(user, "accounts.session_ended", user, browser=browser_of(row.user_agent).name)
    return str(row.session_key)


def end_others(user: User, keep: str | None, *, actor: Any) -> int:
    """Sign out every browser but the one with the key to keep; answers how many of them could get in.

    The actor is whose doing it is on record; None stands for the product.
    """
    with transaction.atomic():
        keys = list(
            UserSession.objects.filter(user=user).exclude(session_key=keep).values_list("session_key", flat=True)
        )
        count = len(_alive(user, keys))
        _end(keys)
        if count:
            record(actor, "accounts.sessions_ended", user, count=count)
    return count


def _end(keys: list[str]) -> None:
    """Delete sessions; who came from Clerk is signed out there too, or would be back without being asked."""
    store = SessionStore()
    for session in Session.objects.filter(session_key__in=keys):
        at_clerk = store.decode(session.session_data).get(CLERK_KEY)
        if at_clerk:
            leave(at_clerk)
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()


def sweep() -> None:
    """Forget the browsers of sessions that ended."""
    gone: Any = ~Exists(Session.objects.filter(session_key=OuterRef("session_key")))
    UserSession.objects.filter(gone).delete()
