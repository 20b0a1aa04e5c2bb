"""The stand-in itself: its knobs, who is let in, and what every answer carries."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from kapture.sandbox.messages import Answer, BadRequestError, Request, Response
from kapture.sandbox.standin import Knob, Route, StandIn
from kapture.sandbox.stripe import prices
from kapture.sandbox.stripe.account import Account
from kapture.sandbox.stripe.api import Api
from kapture.sandbox.stripe.controls import Controls
from kapture.sandbox.stripe.desk import Desk
from kapture.sandbox.stripe.errors import RefusedError, envelope
from kapture.sandbox.stripe.events import API_VERSION
from kapture.sandbox.stripe.hosted import Hosted
from kapture.sandbox.stripe.idempotency import answer_once
from kapture.sandbox.stripe.selling import Selling
from kapture.sandbox.stripe.store import Store, new_id
from kapture.sandbox.stripe.webhooks import MODES, Sender

KEYS = ("sk_test_", "rk_test_")


class StripeStandIn(StandIn):
    """Stripe's API under /v1, its hosted pages, and a webhook sender; `file` keeps the account between starts."""

    name = "stripe"
    knobs: ClassVar[dict[str, Knob]] = {
        "key": "",  # when set, the only key that is let in; otherwise any test key
        "webhook_url": "",  # where events are sent
        "webhook_secret": "whsec_sandbox",  # what signs them
        "deliver": "on",  # on: at once; off: as lost; manual: only through /_sandbox/deliver
        "copies": 1.0,  # how often each event is sent, in parallel
        "delay": 0.0,  # seconds before an event is sent
        "shuffle": False,  # whether events of the same moment are sent in any order
        "retries": 8.0,  # how often an event that was not taken is sent again
        "retry_seconds": 1.0,  # the wait before the first of these; each further wait is twice as long
        "after_retries": "canceled",  # what becomes of a subscription nobody pays: canceled or unpaid
        "portal_cancels_by_date": True,  # the portal sets cancel_at and not cancel_at_period_end
    }

    def __init__(self, file: Path | None = None, **knobs: Knob) -> None:
        self.store = Store(file)
        super().__init__(**knobs)

    def routes(self) -> Sequence[Route]:
        """The API, the pages, and the controls."""
        self.sender = Sender(self.store, lambda name: self.settings[name], self.closing)
        self.account = Account(self.store, self.sender.queue, lambda name: self.settings[name])
        self.sender.resume()
        return (
            *Api(self.account).routes(),
            *Selling(self.account).routes(),
            *Hosted(self.account).routes(),
            *Desk(self.account, self.sender.queue).routes(),
            *Controls(self.account, self.sender).routes(),
        )

    def refuse(self, status: int, message: str) -> Response:
        """`{"error": {"type", "message", …}}`."""
        return self._signed(envelope(RefusedError(message, status=status)))

    def turn(self, **knobs: Knob) -> None:
        """Change knobs; `deliver` and `after_retries` know some words only."""
        if knobs.get("deliver", "on") not in MODES:
            raise BadRequestError(f"deliver is one of {', '.join(MODES)}.")
        if knobs.get("after_retries", "unpaid") not in ("canceled", "unpaid"):
            raise BadRequestError("after_retries is canceled or unpaid.")
        super().turn(**knobs)

    def reset(self) -> None:
        """A fresh account too."""
        super().reset()
        with self.store.lock:
            self.sender.forget()
            self.store.clear()
            prices.seed(self.store)

    def close(self) -> None:
        """Keep the account, and send no more."""
        super().close()
        self.sender.close()
        self.store.save()

    def guard(self, request: Request, answer: Answer) -> Response:
        """One request at a time; nothing under /v1 without a key, and each POST once for its Idempotency-Key."""
        with self.store.lock:
            self.store.base = f"http://{request.headers.get('host', '')}"
            self.account.calendar.catch_up()
            try:
                return self._answered(request, answer) if request.path.startswith("/v1/") else answer()
            except RefusedError as error:
                return self._signed(envelope(error))
            finally:
                self.account.events.because_of(None, None)
                if request.method not in ("GET", "HEAD"):
                    self.store.save()

    def _answered(self, request: Request, answer: Answer) -> Response:
        key, request_id = request.headers.get("idempotency-key", ""), new_id("req_", 14)
        if not request.bearer:
            raise RefusedError("You did not provide an API key.", status=401)
        if not request.bearer.startswith(KEYS) or self.settings["key"] not in ("", request.bearer):
            raise RefusedError(f"Invalid API Key provided: {request.bearer[:8]}…", status=401)
        self.account.events.because_of(request_id, key or None)
        if key and request.method == "POST":
            response = answer_once(self.store, key, request, answer)
            response.headers["idempotency-key"] = key
        else:
            response = answer()
        response.headers["stripe-version"] = request.headers.get("stripe-version", API_VERSION)
        return self._signed(response, request_id)

    def _signed(self, response: Response, request_id: str = "") -> Response:
        response.headers["request-id"] = request_id or new_id("req_", 14)
        response.headers.setdefault("stripe-version", API_VERSION)
        return response
