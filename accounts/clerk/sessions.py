"""Sessions of this site that were opened with one of Clerk's, and their common end."""

from datetime import timedelta
from typing import Final

from allauth.usersessions.models import UserSession
from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import HttpRequest

from accounts.events import signed_in
from accounts.models import User
from kapture.gateways.identity import Identity

BACKEND: Final = "allauth.account.auth_backends.AuthenticationBackend"
# What a session remembers: which session at Clerk opened it.
KEY: Final = "clerk_session"
# News of an end at Clerk may be lost, so after a day such a session asks again; who is signed in there notices nothing.
LONGEST: Final = timedelta(days=1)


def open_session(request: HttpRequest, user: User, proven: Identity) -> None:
    """Sign a user in here; the session gets a new key and remembers the one at Clerk."""
    login(request, user, backend=BACKEND)
    request.session[KEY] = proven.session_id
    request.session.set_expiry(int(LONGEST.total_seconds()))
    signed_in(request, user)


def session_at_clerk(request: HttpRequest) -> str:
    """The session at Clerk that opened the present one; empty when none did."""
    found = request.session.get(KEY, "")
    return found if isinstance(found, str) else ""


def end_sessions(user: User, session_id: str) -> int:
    """End the sessions of a user that one at Clerk opened; returns how many there were."""
    store = SessionStore()
    known = UserSession.objects.filter(user=user).values("session_key")
    ended = [
        session.session_key
        for session in Session.objects.filter(session_key__in=known)
        if store.decode(session.session_data).get(KEY) == session_id
    ]
    Session.objects.filter(session_key__in=ended).delete()
    UserSession.objects.filter(session_key__in=ended).delete()
    return len(ended)
