"""Webhooks: nothing is believed that Stripe did not sign just now with our secret."""

import json
import time
from collections.abc import Mapping
from typing import Any

import stripe

from kapture.gateways.payments import keys, reading
from kapture.gateways.payments.facts import StripeEvent

TOLERANCE_SECONDS = 300


class BadEvent(ValueError):
    """A webhook that is not to be believed or not to be read; the message says why, for the log and not the sender."""


def read_event(body: bytes, signature: str, *, now: float | None = None) -> StripeEvent:
    """The event in the raw body of a webhook, which must be signed within 300 s of `now` (Unix seconds; the clock).

    Raises `BadEvent` for every other body, and `Unavailable` while key or secret are not set.
    """
    live = keys.is_live()
    _verify(body, signature, keys.webhook_secret(), time.time() if now is None else now)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadEvent("the body is no JSON") from error
    event = parse_event(value)
    if event.livemode != live:
        raise BadEvent("the event is of the other mode (test or live)")
    return event


def parse_event(value: object) -> StripeEvent:
    """The facts of an event object; raises `BadEvent` when it is none."""
    if not isinstance(value, dict) or value.get("object") != "event":
        raise BadEvent("the body is no event")
    data = reading.fields(reading.fields(value.get("data")).get("object"))
    livemode = value.get("livemode")
    try:
        event_id, kind, created = reading.ident(value, "id"), value.get("type"), reading.moment(value.get("created"))
    except reading.UnreadableError as error:
        raise BadEvent(str(error)) from error
    if not isinstance(kind, str) or not 0 < len(kind) <= 100 or created is None or not isinstance(livemode, bool):
        raise BadEvent("type, time or mode of the event is missing")
    return StripeEvent(
        id=event_id,
        kind=kind,
        created=created,
        livemode=livemode,
        api_version=reading.text(value.get("api_version")),
        object_id=reading.reference(data),
        object_type=reading.text(data.get("object")),
        customer_id=_customer(data),
        data=data,
        payload=value,
    )


def _customer(data: Mapping[str, Any]) -> str | None:
    return reading.reference(data if data.get("object") == "customer" else data.get("customer"))


def _verify(body: bytes, signature: str, secret: str, now: float) -> None:
    # The SDK compares texts with `hmac.compare_digest`, which refuses other letters with a TypeError.
    if not signature or not signature.isascii():
        raise BadEvent("no signature")
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret)
        signed_at = _signed_at(signature)
    except (stripe.SignatureVerificationError, ValueError) as error:
        raise BadEvent("the signature is not ours") from error
    # The SDK lets times in the future pass, which would keep a stolen webhook good for as long as its forger likes.
    if abs(int(now) - signed_at) > TOLERANCE_SECONDS:
        raise BadEvent("the signature is not of this moment")


def _signed_at(signature: str) -> int:
    """The time that was signed: the first `t`, as the SDK takes it."""
    named = (part.partition("=") for part in signature.split(","))
    return next((int(value) for name, _, value in named if name == "t"), 0)
