"""Webhooks: nothing is believed that was not signed just now with our secret, in the way of Svix."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from django.conf import settings
from standardwebhooks import Webhook, WebhookVerificationError

from kapture.gateways.identity import reading
from kapture.gateways.identity.facts import BadEvent, ClerkEvent
from kapture.gateways.identity.switch import off

# The headers that are signed; Clerk's sender names them `svix-…`, the standard it follows `webhook-…`.
HEADERS: Final = ("id", "timestamp", "signature")
LONGEST_HEADER: Final = 2_000
LONGEST_TIME: Final = 12
LONGEST_KIND: Final = 100


def read_event(body: bytes, headers: Mapping[str, str]) -> ClerkEvent:
    """The event in the raw body of a webhook.

    Raises `BadEvent` for everything that is not signed within five minutes of now, and `Unavailable` without a secret.
    """
    secret = str(settings.CLERK_WEBHOOK_SECRET).strip()
    if not secret:
        raise off("CLERK_WEBHOOK_SECRET", "the signing secret of the webhook endpoint")
    signed = _signed(headers)
    _check(signed)
    try:
        # The library takes times up to five minutes off, in both directions.
        Webhook(secret).verify(body, signed, json_parse=False)
    except (WebhookVerificationError, ValueError) as error:
        raise BadEvent("the signature is not ours, or not of this moment") from error
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadEvent("the body is no JSON") from error
    sent_at = datetime.fromtimestamp(int(signed["webhook-timestamp"]), UTC)
    return parse_event(value, event_id=signed["webhook-id"], sent_at=sent_at)


def parse_event(value: object, *, event_id: str, sent_at: datetime) -> ClerkEvent:
    """The facts of an event; raises `BadEvent` when it is none."""
    event = reading.fields(value)
    kind, data = event.get("type"), reading.fields(event.get("data"))
    if not isinstance(kind, str) or not 0 < len(kind) <= LONGEST_KIND:
        raise BadEvent("the event has no type")
    is_user, is_session = kind.startswith("user."), kind.startswith("session.")
    subject = reading.ident(data.get("id" if is_user else "user_id"))
    session = reading.ident(data.get("id")) if is_session else ""
    if ((is_user or is_session) and not subject) or (is_session and not session):
        raise BadEvent("the event does not say whom it is about")
    at = reading.moment(event.get("timestamp")) or sent_at
    return ClerkEvent(event_id, kind, subject, session, data, at)


def _signed(headers: Mapping[str, str]) -> dict[str, str]:
    told = {name.lower(): value for name, value in headers.items()}
    family = "svix" if any(name.startswith("svix-") for name in told) else "webhook"
    return {f"webhook-{name}": told.get(f"{family}-{name}", "") for name in HEADERS}


def _check(signed: Mapping[str, str]) -> None:
    """Refuse what the library would stumble over, or read more generously than it was signed."""
    if not all(value and value.isascii() and len(value) <= LONGEST_HEADER for value in signed.values()):
        raise BadEvent("no signature")
    time = signed["webhook-timestamp"]
    if not time.isdigit() or len(time) > LONGEST_TIME:
        raise BadEvent("no time")
