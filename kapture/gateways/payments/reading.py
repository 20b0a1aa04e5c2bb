"""Facts from Stripe's objects, of today's API version and of older ones; anything else is `bad_output`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from kapture.gateways.payments.facts import (
    CheckoutFacts,
    CheckoutStatus,
    InvoiceFacts,
    InvoiceStatus,
    PaymentStatus,
    SubscriptionFacts,
    SubscriptionStatus,
)

Fields = Mapping[str, Any]
Word = TypeVar("Word", bound=StrEnum)


class UnreadableError(ValueError):
    """A field that an object cannot be without is missing or of another type."""


def checkout(value: Fields) -> CheckoutFacts:
    """A checkout session."""
    return CheckoutFacts(
        id=ident(value, "id"),
        url=link(value.get("url")),
        status=word(CheckoutStatus, value.get("status")),
        payment_status=word(PaymentStatus, value.get("payment_status")),
        mode=text(value.get("mode")),
        subscription_id=reference(value.get("subscription")),
        customer_id=reference(value.get("customer")),
        metadata=metadata(value),
        amount_total=whole(value.get("amount_total")),
        currency=text(value.get("currency")),
        expires_at=moment(value.get("expires_at")),
    )


def subscription(value: Fields) -> SubscriptionFacts:
    """A subscription; its period is on its items, and on itself in versions before March 2025."""
    item = _first(value.get("items"))
    price = fields(item.get("price")) or fields(item.get("plan"))
    customer = reference(value.get("customer"))
    created = moment(value.get("created"))
    if customer is None or created is None:
        raise UnreadableError("a subscription without customer or time")
    return SubscriptionFacts(
        id=ident(value, "id"),
        customer_id=customer,
        status=word(SubscriptionStatus, value.get("status")),
        price_id=reference(price) or reference(item.get("price")),
        product_id=reference(price.get("product")),
        period_start=moment(item.get("current_period_start", value.get("current_period_start"))),
        period_end=moment(item.get("current_period_end", value.get("current_period_end"))),
        cancel_at_period_end=value.get("cancel_at_period_end") is True,
        cancel_at=moment(value.get("cancel_at")),
        canceled_at=moment(value.get("canceled_at")),
        ended_at=moment(value.get("ended_at")),
        trial_end=moment(value.get("trial_end")),
        paused=bool(fields(value.get("pause_collection"))),
        created=created,
        latest_invoice_id=reference(value.get("latest_invoice")),
        metadata=metadata(value),
    )


def invoice(value: Fields) -> InvoiceFacts:
    """An invoice; its subscription is named by its parent, and by itself in versions before March 2025."""
    parent = fields(fields(value.get("parent")).get("subscription_details"))
    created, due, paid = moment(value.get("created")), whole(value.get("amount_due")), whole(value.get("amount_paid"))
    if created is None or due is None or paid is None:
        raise UnreadableError("an invoice without time or amounts")
    return InvoiceFacts(
        id=ident(value, "id"),
        number=text(value.get("number")),
        status=word(InvoiceStatus, value.get("status")),
        amount_due=due,
        amount_paid=paid,
        currency=text(value.get("currency")),
        hosted_url=link(value.get("hosted_invoice_url")),
        pdf_url=link(value.get("invoice_pdf")),
        subscription_id=reference(parent.get("subscription")) or reference(value.get("subscription")),
        customer_id=reference(value.get("customer")),
        created=created,
        period_start=moment(value.get("period_start")),
        period_end=moment(value.get("period_end")),
        attempt_count=whole(value.get("attempt_count")) or 0,
    )


def ident(value: Fields, name: str) -> str:
    """An id that must be there."""
    found = reference(value.get(name))
    if found is None:
        raise UnreadableError(f"no {name}")
    return found


def reference(value: object) -> str | None:
    """The id of an object named by its id or put there whole; None when there is none."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) and 0 < len(value) <= 255 else None


def moment(value: object) -> datetime | None:
    """A time given in Unix seconds; None when there is none."""
    seconds = whole(value)
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise UnreadableError("a time beyond the calendar") from error


def whole(value: object) -> int | None:
    """A whole number; None when there is none."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise UnreadableError("no whole number")
    return value


def word(words: type[Word], value: object) -> Word:
    """A word of a closed list; one that is not known cannot be acted on."""
    try:
        return words(text(value))
    except ValueError as error:
        raise UnreadableError(f"{value!r} is no {words.__name__}") from error


def text(value: object) -> str:
    """A text, empty when there is none."""
    return value if isinstance(value, str) else ""


def link(value: object) -> str:
    """An address a browser may be sent to, empty when there is none."""
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else ""


def fields(value: object) -> Fields:
    """An object, empty when there is none."""
    return value if isinstance(value, Mapping) else {}


def metadata(value: Fields) -> dict[str, str]:
    """What we wrote on the object ourselves."""
    return {key: item for key, item in fields(value.get("metadata")).items() if isinstance(item, str)}


def _first(listed: object) -> Fields:
    data = fields(listed).get("data")
    return fields(data[0]) if isinstance(data, list) and data else {}
