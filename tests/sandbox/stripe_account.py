"""An account at the Stripe stand-in, spoken to by the real SDK, and an endpoint that takes its webhooks."""

import json
import threading
import time
from collections.abc import Sequence
from typing import Any

import stripe as sdk

from kapture.sandbox.messages import Request, Response
from kapture.sandbox.standin import Route, StandIn
from kapture.sandbox.stripe.control import StripeControl

KEY = "sk_test_sandbox"
SECRET = "whsec_of_the_endpoint"
CREATOR, STUDIO, EXTRA = "price_creator_monthly", "price_studio_monthly", "price_topup_scrape_50"
BACK, PLANS = "http://127.0.0.1:9/back?session={CHECKOUT_SESSION_ID}", "http://127.0.0.1:9/plans"
sdk.enable_telemetry = False


class Endpoint(StandIn):
    """Takes webhooks, verifies them with the SDK's helper, and answers with the scripted statuses, then with 200."""

    name = "endpoint"

    def __init__(self) -> None:
        super().__init__()
        self.script: list[int] = []
        self.taken: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def routes(self) -> Sequence[Route]:
        return (Route("POST", "/api/webhooks/stripe", self._take),)

    def refuse(self, status: int, message: str) -> Response:
        return Response.text(message, status=status)

    def ids(self, count: int = 0) -> list[str]:
        """Ids of the events taken, after waiting for at least `count` of them."""
        deadline = time.monotonic() + 5
        while len(self.taken) < count and time.monotonic() < deadline:
            time.sleep(0.005)
        return [event["id"] for event in self.taken]

    def _take(self, request: Request, _: dict[str, str]) -> Response:
        sdk.Webhook.construct_event(request.body, request.headers["stripe-signature"], SECRET)
        with self._lock:
            status = self.script.pop(0) if self.script else 200
            if status == 200:
                self.taken.append(json.loads(request.body))
        return Response.json({}, status)


def client_of(url: str, key: str = KEY) -> Any:
    """The SDK's services."""
    return sdk.StripeClient(key, base_addresses={"api": url}, max_network_retries=0).v1


def opened(client: Any, buyer: str, price: str = CREATOR, **more: Any) -> Any:
    """An open checkout session."""
    mode = "payment" if price == EXTRA else "subscription"
    line = {"price": price, "quantity": 1}
    return client.checkout.sessions.create(
        {"mode": mode, "customer": buyer, "line_items": [line], "success_url": BACK, "cancel_url": PLANS, **more}
    )


def customer(client: Any) -> str:
    """A new customer's id."""
    return str(client.customers.create({"email": "alice@example.com", "name": "Alice"}).id)


def subscribed(client: Any, stripe: StripeControl, price: str = CREATOR, **more: Any) -> Any:
    """A subscription that was bought on the page."""
    buyer = customer(client)
    stripe.go(opened(client, buyer, price, **more).id)
    return client.subscriptions.list({"customer": buyer}).data[0]


def period(sub: Any) -> tuple[int, int]:
    """Begin and end of the present period."""
    bought = sub["items"].data[0]
    return bought.current_period_start, bought.current_period_end
