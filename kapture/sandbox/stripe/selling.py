"""The paths under /v1 of what is sold: checkout, portal, subscriptions."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from kapture.sandbox.messages import Request, Response
from kapture.sandbox.standin import Route
from kapture.sandbox.stripe import papers, prices
from kapture.sandbox.stripe.account import Account
from kapture.sandbox.stripe.errors import RefusedError, missing
from kapture.sandbox.stripe.forms import Params, flag, merged, need, number, only, read
from kapture.sandbox.stripe.lists import PAGING, one, page
from kapture.sandbox.stripe.store import Obj
from kapture.sandbox.stripe.subscriptions import LIVING

Names = dict[str, str]
SESSION_SECONDS = 24 * 3_600
_CHECKOUT = (
    "mode", "customer", "client_reference_id", "line_items", "metadata", "success_url", "cancel_url", "locale",
    "subscription_data", "payment_intent_data", "allow_promotion_codes", "expires_at",
)  # fmt: skip


class Selling:
    """One method a path; the stand-in holds the account's lock around each."""

    def __init__(self, account: Account) -> None:
        self._account, self._store = account, account.store

    def routes(self) -> Sequence[Route]:
        """Every path."""
        return (
            Route("POST", "/v1/checkout/sessions", self._create_checkout),
            Route("GET", "/v1/checkout/sessions", self._list_checkouts),
            Route("GET", "/v1/checkout/sessions/{id}", self._account.retrieve("checkout.session")),
            Route("POST", "/v1/checkout/sessions/{id}/expire", self._expire_checkout),
            Route("POST", "/v1/billing_portal/sessions", self._create_portal),
            Route("GET", "/v1/subscriptions", self._list_subscriptions),
            Route("GET", "/v1/subscriptions/{id}", self._account.retrieve("subscription")),
            Route("POST", "/v1/subscriptions/{id}", self._update_subscription),
            Route("DELETE", "/v1/subscriptions/{id}", self._cancel_subscription),
        )

    def _create_checkout(self, request: Request, _: Names) -> Response:
        params = only(read(request), *_CHECKOUT)
        mode, buyer = need(params, "mode"), self._account.buyer(need(params, "customer"), "customer", 400)
        if mode not in ("subscription", "payment"):
            raise RefusedError("Invalid mode: must be one of payment or subscription", param="mode")
        for name in ("success_url", "cancel_url"):
            _address(need(params, name), name)
        price = self._bought(params, mode)
        now = self._store.now()
        expires = number(params["expires_at"], "expires_at") if "expires_at" in params else now + SESSION_SECONDS
        if not now + 1_800 - 60 <= expires <= now + SESSION_SECONDS + 60:
            raise RefusedError(
                "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.", param="expires_at"
            )
        told = {**params, "customer": buyer["id"]}
        made = papers.session(now, self._store.base, expires - now, price, told)
        return one(self._store, self._store.add(made), params)

    def _bought(self, params: Params, mode: str) -> Obj:
        """The price of the one line that can be bought here."""
        lines = params.get("line_items")
        if not isinstance(lines, list) or len(lines) != 1 or not isinstance(lines[0], dict):
            raise RefusedError("The stand-in sells one line item at a time.", param="line_items")
        if lines[0].get("quantity", "1") != "1":
            raise RefusedError("The stand-in sells one piece at a time.", param="line_items[0][quantity]")
        ident = need(lines[0], "price")
        price = prices.find(self._store, ident)
        if price is None or not price["active"]:
            raise missing("price", ident, "line_items[0][price]", 400)
        if (price["type"] == "recurring") != (mode == "subscription"):
            told = "You must provide at least one recurring price in `subscription` mode"
            told = told if mode == "subscription" else "You specified `payment` mode but passed a recurring price."
            raise RefusedError(told, param="line_items")
        return price

    def _list_checkouts(self, request: Request, _: Names) -> Response:
        params = only(read(request), *PAGING, "created", "customer", "subscription", "status", "payment_intent")
        names = [name for name in ("customer", "subscription", "status", "payment_intent") if name in params]
        found = self._store.newest("checkout.session", lambda obj: all(obj[name] == params[name] for name in names))
        return page(self._store, found, params, "/v1/checkout/sessions")

    def _expire_checkout(self, request: Request, names: Names) -> Response:
        session, params = self._account.need("checkout.session", names["id"]), only(read(request))
        if session["status"] != "open":
            raise RefusedError(
                'Only Checkout Sessions with a status in ["open"] can be expired. '
                f"This Checkout Session has a status of `{session['status']}`."
            )
        self._account.checkouts.expire(session)
        return one(self._store, session, params)

    def _create_portal(self, request: Request, _: Names) -> Response:
        params = only(read(request), "customer", "return_url", "configuration", "flow_data", "locale")
        buyer = self._account.buyer(need(params, "customer"), "customer", 400)
        back = params.get("return_url")
        if back is not None:
            _address(back, "return_url")
        made = papers.portal(self._store.now(), self._store.base, buyer["id"], back)
        return one(self._store, self._store.add(made), params)

    def _list_subscriptions(self, request: Request, _: Names) -> Response:
        params = only(read(request), *PAGING, "created", "customer", "status", "price")
        status, buyer, price = params.get("status"), params.get("customer"), params.get("price")

        def wanted(sub: Obj) -> bool:
            return (
                buyer in (None, sub["customer"])
                and price in (None, sub["items"]["data"][0]["price"]["id"])
                and (status in ("all", sub["status"]) or (status is None and sub["status"] != "canceled"))
            )

        return page(self._store, self._store.newest("subscription", wanted), params, "/v1/subscriptions")

    def _update_subscription(self, request: Request, names: Names) -> Response:
        sub = self._account.need("subscription", names["id"])
        params = only(
            read(request), "cancel_at_period_end", "items", "metadata", "proration_behavior", "pause_collection"
        )
        if sub["status"] not in LIVING:
            raise RefusedError("A canceled subscription can only update its cancellation_details and metadata.")
        if "items" in params:
            self._account.change_price(sub, params["items"])
        if "cancel_at_period_end" in params:
            wanted = flag(params["cancel_at_period_end"], "cancel_at_period_end")
            self._account.subscriptions.cancel_later(sub, wanted=wanted, by_portal=False)
        changes: Obj = {"metadata": merged(sub["metadata"], params)}
        if "pause_collection" in params:
            paused = params["pause_collection"]
            changes["pause_collection"] = {"resumes_at": None, **paused} if isinstance(paused, dict) else None
        self._account.events.change("customer.subscription.updated", sub, **changes)
        return one(self._store, sub, params)

    def _cancel_subscription(self, request: Request, names: Names) -> Response:
        sub = self._account.need("subscription", names["id"])
        params = only(read(request), "invoice_now", "prorate", "cancellation_details")
        if sub["status"] not in LIVING:
            raise missing("subscription", sub["id"])
        self._account.subscriptions.end(sub)
        return one(self._store, sub, params)


def _address(value: str, name: str) -> None:
    if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc:
        raise RefusedError("Not a valid URL", param=name, code="url_invalid")
