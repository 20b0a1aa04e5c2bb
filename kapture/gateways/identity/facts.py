"""What the identity gateway gives: the few facts of Clerk's tokens, users and events that the product uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class BadToken(ValueError):
    """A token that proves nothing; the message says why, for the log and not the sender."""


class BadEvent(ValueError):
    """A webhook that is not to be believed or not to be read; the message says why, for the log and not the sender."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody signed in at Clerk: `subject` is their user id there; `email` is known only when Clerk adds it."""

    subject: str
    session_id: str
    email: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ClerkUser:
    """A user as Clerk has them now; texts are empty when there are none, `updated_at` is in milliseconds."""

    id: str
    email: str
    email_verified: bool
    name: str
    image_url: str
    updated_at: int


@dataclass(frozen=True, slots=True)
class ClerkEvent:
    """One notice that something changed; `subject_id` and `session_id` name whom and what it is about, if anybody."""

    id: str
    kind: str
    subject_id: str
    session_id: str
    data: Mapping[str, Any]
    at: datetime
