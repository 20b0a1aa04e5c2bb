"""Clerk's backend API: one user and the end of them, one session and the end of it."""

from typing import Any

from django.conf import settings

from kapture.gateways.breaker import guarded
from kapture.gateways.identity import reading
from kapture.gateways.identity.facts import ClerkUser
from kapture.gateways.identity.failures import SERVICE, failure
from kapture.gateways.identity.switch import require_on
from kapture.gateways.identity.transport import ask


def user(subject: str) -> ClerkUser | None:
    """A user as Clerk has them now, None when there is none (any more).

    Raises `VendorFailed(service="clerk", reason=…)`, or `Unavailable` while Clerk is off or rests behind its breaker.
    """
    value = _call("GET", "users", subject)
    if value is None:
        return None
    try:
        found = reading.user(value)
    except reading.UnreadableError as error:
        raise failure("bad_output") from error
    if found.id != subject:
        raise failure("bad_output")
    return found


def delete_user(subject: str) -> None:
    """Delete a user at Clerk, which ends their sessions there; one that is gone is left so. Raises as `user` does."""
    _call("DELETE", "users", subject)


def is_active(session_id: str) -> bool:
    """Whether a session goes on at Clerk at this moment, which a token alone does not tell. Raises as `user` does."""
    return (_call("GET", "sessions", session_id) or {}).get("status") == "active"


def revoke_session(session_id: str) -> None:
    """End a session at Clerk; one that is gone is left so. Raises as `user` does."""
    _call("POST", "sessions", session_id, "/revoke")


def _call(method: str, kind: str, ident: str, action: str = "") -> dict[str, Any] | None:
    require_on()
    if not reading.ident(ident):
        return None
    url = f"{settings.CLERK_API_URL}/v1/{kind}/{ident}{action}"
    return guarded(SERVICE, lambda: ask(method, url, secret=settings.CLERK_SECRET_KEY))
