"""What tests make the account do, under /_sandbox/."""

from collections.abc import Callable, Sequence
from typing import Any

from kapture.sandbox.messages import BadRequestError, Request, Response
from kapture.sandbox.standin import CONTROL, Route
from kapture.sandbox.stripe import prices
from kapture.sandbox.stripe.account import Account
from kapture.sandbox.stripe.checkouts import Way
from kapture.sandbox.stripe.store import Obj, shown
from kapture.sandbox.stripe.webhooks import Sender


class Controls:
    """One method a control; `kapture.sandbox.stripe.control.StripeControl` speaks to them."""

    def __init__(self, account: Account, sender: Sender) -> None:
        self._account, self._store, self._sender = account, account.store, sender

    def routes(self) -> Sequence[Route]:
        """Every control."""
        return (
            Route("GET", f"{CONTROL}clock", lambda *_: Response.json({"now": self._store.now()})),
            Route("POST", f"{CONTROL}clock", self._move_clock),
            Route("POST", f"{CONTROL}prices", self._put_price),
            Route("GET", f"{CONTROL}events", self._show_events),
            Route("POST", f"{CONTROL}deliver", self._deliver),
            Route("POST", f"{CONTROL}checkouts/{{id}}/{{way}}", self._go),
            Route("POST", f"{CONTROL}customers/{{id}}/card/{{card}}", self._set_card),
            Route("POST", f"{CONTROL}subscriptions/{{id}}/{{action}}", self._act),
            Route("POST", f"{CONTROL}subscriptions/{{id}}/price/{{price}}", self._change_price),
        )

    def _move_clock(self, request: Request, _: dict[str, str]) -> Response:
        told = request.json_object()
        with self._store.lock:
            now = self._store.now()
            moment = told.get("to", now + int(told.get("advance_seconds", 0)))
            if not isinstance(moment, int) or moment < now:
                raise BadRequestError("The clock takes advance_seconds or to (Unix seconds) and never goes back.")
            count = self._account.calendar.catch_up(moment)
            self._store.jump(moment)
            self._store.save()
        return Response.json({"now": moment, "happened": count})

    def _put_price(self, request: Request, _: dict[str, str]) -> Response:
        with self._store.lock:
            made = shown(prices.told(self._store, request.json_object()))
            self._store.save()
        return Response.json(made, 201)

    def _show_events(self, request: Request, _: dict[str, str]) -> Response:
        with self._store.lock:
            return Response.json([_told(event) for event in self._store.oldest("event")])

    def _deliver(self, request: Request, _: dict[str, str]) -> Response:
        """`{ids, copies, parallel, gap_ms}`; without ids everything that was not delivered, oldest first."""
        told = request.json_object()
        with self._store.lock:
            waiting = [event["id"] for event in self._store.oldest("event") if not event["_delivered"]]
        sent = self._sender.deliver(
            told.get("ids", waiting),
            copies=int(told.get("copies", 1)),
            parallel=bool(told.get("parallel", False)),
            gap=float(told.get("gap_ms", 0)) / 1000,
        )
        return Response.json(sent)

    def _go(self, request: Request, names: dict[str, str]) -> Response:
        with self._store.lock:
            session = self._known("checkout.session", names["id"])
            if names["way"] not in list(Way):
                raise BadRequestError(f"A way is one of {', '.join(Way)}.")
            self._account.checkouts.go(session, Way(names["way"]))
            self._store.save()
            return Response.json(shown(session))

    def _set_card(self, request: Request, names: dict[str, str]) -> Response:
        with self._store.lock:
            buyer = self._known("customer", names["id"])
            if names["card"] not in ("works", "declined"):
                raise BadRequestError("A card is works or declined.")
            buyer["_card"] = names["card"]
            self._store.save()
            return Response.json(shown(buyer))

    def _act(self, request: Request, names: dict[str, str]) -> Response:
        actions: dict[str, Callable[[Obj], None]] = {
            "pause": self._account.subscriptions.pause,
            "resume": self._account.subscriptions.resume,
            "pay": self._account.subscriptions.pay_open,
            "end": self._account.subscriptions.end,
            "cancel": lambda sub: self._account.subscriptions.cancel_later(sub, wanted=True, by_portal=True),
            "keep": lambda sub: self._account.subscriptions.cancel_later(sub, wanted=False, by_portal=True),
        }
        with self._store.lock:
            sub = self._known("subscription", names["id"])
            if names["action"] not in actions:
                raise BadRequestError(f"An action is one of {', '.join(actions)}.")
            actions[names["action"]](sub)
            self._store.save()
            return Response.json(shown(sub))

    def _change_price(self, request: Request, names: dict[str, str]) -> Response:
        with self._store.lock:
            sub = self._known("subscription", names["id"])
            price = prices.find(self._store, names["price"])
            if price is None or not price["recurring"]:
                raise BadRequestError(f"There is no recurring price {names['price']}.")
            self._account.subscriptions.change_price(sub, price)
            self._store.save()
            return Response.json(shown(sub))

    def _known(self, kind: str, ident: str) -> Obj:
        found = self._store.find(kind, ident)
        if found is None:
            raise BadRequestError(f"There is no {kind} {ident}.")
        return found


def _told(event: Obj) -> dict[str, Any]:
    """An event, what it is about, and what became of its deliveries."""
    about = event["data"]["object"]
    return {
        "id": event["id"],
        "type": event["type"],
        "created": event["created"],
        "object": about.get("id"),
        "delivered": event["_delivered"],
        "tries": list(event["_tries"]),
    }
