"""What becomes of the events Clerk sends; they say that something changed, and Clerk is asked what it is now."""

import logging
from collections.abc import Mapping

from accounts.clerk.people import bury, is_closed, keep
from accounts.clerk.sessions import end_sessions
from accounts.closing.services import Reason, request_closing
from accounts.models import User
from kapture.gateways import identity
from kapture.gateways.identity import BadEvent, ClerkEvent, ClerkUser
from kapture.inbox.face import Refused, Signed
from kapture.inbox.handlers import Handler, register
from kapture.inbox.models import WebhookEvent

CHANGED = ("user.created", "user.updated")
DELETED = "user.deleted"
ENDED = ("session.ended", "session.removed", "session.revoked")

logger = logging.getLogger(__name__)


def verify(body: bytes, headers: Mapping[str, str]) -> Signed:
    """Id and kind of an event that Clerk signed; raises `Refused` for every other."""
    try:
        event = identity.read_event(body, headers)
    except BadEvent as error:
        logger.info("an event was refused: %s", error)
        raise Refused from error
    return Signed(event.id, event.kind)


def read(stored: WebhookEvent) -> ClerkEvent:
    """The facts of a stored event, which was verified when it came."""
    return identity.parse_event(stored.payload, event_id=stored.event_id, sent_at=stored.created_at)


def concerns(stored: WebhookEvent) -> str:
    """The user an event is about."""
    return read(stored).subject_id


def fetch_user(stored: WebhookEvent) -> ClerkUser | None:
    """The user as they are now; None when they are gone, or closed here so that nothing of them is wanted."""
    subject = read(stored).subject_id
    return None if is_closed(subject) else identity.user(subject)


def fetch_nothing(stored: WebhookEvent) -> None:
    """An end is an end: nothing Clerk could say would change it."""


def apply_change(stored: WebhookEvent, latest: ClerkUser | None) -> None:
    """Make or change the person; of somebody who is gone the event of their deletion tells."""
    if latest is not None:
        keep(latest)


def apply_end(stored: WebhookEvent, latest: None) -> None:
    """End the sessions here that the ended one opened."""
    event = read(stored)
    user = User.objects.filter(clerk_id=event.subject_id).first()
    if user is not None:
        end_sessions(user, event.session_id)


def apply_deletion(stored: WebhookEvent, latest: None) -> None:
    """Close the account for good, or see to it that there never is one."""
    subject = read(stored).subject_id
    bury(subject)
    user = User.objects.filter(clerk_id=subject).first()
    if user is not None:
        request_closing(user, actor=None, reason=Reason.CLERK)


def register_all() -> None:
    """Name what to do about the kinds of events that concern us; all others are stored and ignored."""
    for kind in CHANGED:
        register(identity.SERVICE, kind, Handler(concerns, fetch_user, apply_change))
    for kind in ENDED:
        register(identity.SERVICE, kind, Handler(concerns, fetch_nothing, apply_end))
    register(identity.SERVICE, DELETED, Handler(concerns, fetch_nothing, apply_deletion))
