"""Identity: the only door to Clerk, with proofs of who somebody is and plain facts about them."""

from kapture.gateways.identity.backend import delete_user, is_active, revoke_session, user
from kapture.gateways.identity.events import parse_event, read_event
from kapture.gateways.identity.facts import BadEvent, BadToken, ClerkEvent, ClerkUser, Identity
from kapture.gateways.identity.failures import SERVICE
from kapture.gateways.identity.switch import is_on, require_on
from kapture.gateways.identity.tokens import verify

__all__ = [
    "SERVICE",
    "BadEvent",
    "BadToken",
    "ClerkEvent",
    "ClerkUser",
    "Identity",
    "delete_user",
    "is_active",
    "is_on",
    "parse_event",
    "read_event",
    "require_on",
    "revoke_session",
    "user",
    "verify",
]
