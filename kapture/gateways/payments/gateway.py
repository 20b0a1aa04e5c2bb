"""The door to Stripe: customers, checkout, portal, subscriptions, invoices and events.

A request that moves money carries an Idempotency-Key made of the id of a stored row, so repeating it is safe. A key is
good for 24 hours; after a failure other than of the network the state is read first (reliability rule D09).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypeVar
from uuid import UUID

import stripe
from django.conf import settings

from kapture.core.errors import VendorFailed
from kapture.gateways.breaker import guarded
from kapture.gateways.payments import reading
from kapture.gateways.payments.events import parse_event
from kapture.gateways.payments.facts import CheckoutFacts, CheckoutMode, InvoiceFacts, StripeEvent, SubscriptionFacts
from kapture.gateways.payments.failures import RAISED, SERVICE, failure, translate
from kapture.gateways.payments.keys import require_on
from kapture.gateways.payments.transport import Timeouts, Transport

STRIPE: Final = "https://api.stripe.com"
RETRIES: Final = 2
PAGE: Final = 100
MOST_PAGES: Final = 200
TIMEOUTS: Final = Timeouts()
ID: Final = re.compile(r"[A-Za-z0-9_\-]{1,255}")
# The SDK would otherwise write an id of this machine to the home folder and tell Stripe how long calls took.
stripe.enable_telemetry = False

Answer = TypeVar("Answer")
Listing = Callable[[Any], Any]


def payments() -> "Payments":
    """The account that is set; raises `Unavailable` naming the setting when there is none."""
    require_on()
    return _payments(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE or STRIPE)


@lru_cache(maxsize=16)
def _payments(key: str, base: str) -> "Payments":
    return Payments(key, base)


class Payments:
    """One account at Stripe; safe to share between threads.

    Every method raises `VendorFailed(service="stripe", reason=…)`, or `Unavailable` while Stripe rests behind its
    breaker. A call ends within `timeouts.call` seconds, retries included.
    """

    def __init__(self, key: str, base: str, timeouts: Timeouts = TIMEOUTS) -> None:
        self._transport = Transport(timeouts)
        client = stripe.StripeClient(
            key, base_addresses={"api": base.rstrip("/")}, max_network_retries=RETRIES, http_client=self._transport
        )
        self._api = client.v1

    def create_customer(self, *, key: UUID, user_id: object, email: str, name: str = "") -> str:
        """The id of a new customer; the same one for the same key."""
        params: Any = {"email": email, "metadata": {"user_id": str(user_id)}} | ({"name": name} if name else {})
        made = self._ask(lambda: self._api.customers.create(params, _once("customer", key)))
        return self._read(reading.ident, made, "id")

    def delete_customer(self, customer: str) -> None:
        """Delete a customer, which ends their subscriptions at once; one that is gone is left so."""
        try:
            self._ask(lambda: self._api.customers.delete(_known(customer)))
        except VendorFailed as error:
            if error.reason != "not_found":
                raise

    def create_checkout(
        self,
        *,
        key: UUID,
        customer: str,
        price_id: str,
        mode: CheckoutMode,
        user_id: object,
        metadata: Mapping[str, str],
        success_url: str,
        cancel_url: str,
    ) -> CheckoutFacts:
        """A new visit to the hosted payment page, the same one for the same key; its `url` is where to send the user.

        `{CHECKOUT_SESSION_ID}` in `success_url` becomes its id. What is bought carries the same metadata.
        """
        noted = {**metadata, "user_id": str(user_id)}
        params: Any = {
            "mode": mode,
            "customer": customer,
            "client_reference_id": str(user_id),
            "line_items": [{"price": price_id, "quantity": 1}],
            "metadata": noted,
            "success_url": success_url,
            "cancel_url": cancel_url,
            ("subscription_data" if mode == "subscription" else "payment_intent_data"): {"metadata": noted},
        }
        made = self._ask(lambda: self._api.checkout.sessions.create(params, _once("checkout", key)))
        return self._read(reading.checkout, made)

    def retrieve_checkout(self, checkout: str) -> CheckoutFacts:
        """How a visit stands now."""
        return self._read(reading.checkout, self._ask(lambda: self._api.checkout.sessions.retrieve(_known(checkout))))

    def expire_checkout(self, checkout: str) -> CheckoutFacts:
        """Close a visit, so that nobody can pay there any more; one that is over is left as it is."""
        try:
            ended = self._ask(lambda: self._api.checkout.sessions.expire(_known(checkout)))
        except VendorFailed as error:
            if error.reason != "bad_request":
                raise
            return self.retrieve_checkout(checkout)
        return self._read(reading.checkout, ended)

    def create_portal(self, *, customer: str, return_url: str) -> str:
        """The address of the customer's own billing page, good for some minutes."""
        params: Any = {"customer": customer, "return_url": return_url}
        made = self._ask(lambda: self._api.billing_portal.sessions.create(params))
        return self._read(reading.link, made.get("url")) or _raise("bad_output")

    def subscriptions(self, customer: str) -> list[SubscriptionFacts]:
        """Every subscription a customer ever had, newest first."""
        params = {"customer": customer, "status": "all"}
        return [self._read(reading.subscription, found) for found in self._pages(self._api.subscriptions.list, params)]

    def subscription(self, subscription: str) -> SubscriptionFacts:
        """How a subscription stands now."""
        found = self._ask(lambda: self._api.subscriptions.retrieve(_known(subscription)))
        return self._read(reading.subscription, found)

    def cancel_subscription(self, subscription: str) -> None:
        """End a subscription at once; one that has ended or is gone is left so."""
        try:
            self._ask(lambda: self._api.subscriptions.cancel(_known(subscription)))
        except VendorFailed as error:
            if error.reason != "not_found":
                raise

    def invoices(self, customer: str, since: datetime | None = None) -> list[InvoiceFacts]:
        """The invoices of a customer, newest first; with `since` only those made from then on."""
        params: dict[str, Any] = {"customer": customer}
        if since is not None:
            params["created"] = {"gte": int(since.timestamp())}
        return [self._read(reading.invoice, found) for found in self._pages(self._api.invoices.list, params)]

    def undelivered_events(self, since: datetime) -> Iterator[StripeEvent]:
        """Events since a time that some webhook endpoint did not take, newest first; Stripe keeps them for 30 days."""
        params = {"delivery_success": False, "created": {"gte": int(since.timestamp())}}
        for found in self._pages(self._api.events.list, params):
            yield self._read(parse_event, found)

    def _pages(self, listing: Listing, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The objects of a list over all its pages; each page is one guarded call."""
        cursor: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            page = self._ask(lambda: listing({**params, **cursor, "limit": PAGE}))  # noqa: B023  # called at once
            data = page.get("data")
            if not isinstance(data, list):
                raise failure("bad_output")
            yield from data
            if page.get("has_more") is not True or not data:
                return
            cursor = {"starting_after": self._read(reading.ident, data[-1], "id")}
        raise failure("bad_output")

    def _ask(self, call: Callable[[], Any]) -> dict[str, Any]:
        """The object an SDK call answers, as plain values."""

        def translated() -> dict[str, Any]:
            self._transport.begin()
            try:
                answer: dict[str, Any] = call().to_dict(for_json=True)
            except RAISED as error:
                raise translate(error) from error
            return answer

        return guarded(SERVICE, translated)

    def _read(self, reader: Callable[..., Answer], value: Any, *more: Any) -> Answer:
        try:
            return reader(value, *more)
        except RAISED as error:
            raise translate(error) from error


def _known(ident: str) -> str:
    """The id, if it can be one; return addresses carry ids that visitors may have changed."""
    return ident if ID.fullmatch(ident) else _raise("not_found")


def _once(purpose: str, key: UUID) -> Any:
    return {"idempotency_key": f"kapture:{purpose}:{key}"}


def _raise(reason: str) -> Any:
    raise failure(reason)
