"""One account: its objects, what may happen to them, and what happened."""

from collections.abc import Callable
from typing import Any

from kapture.sandbox.messages import Request, Response
from kapture.sandbox.standin import Handler, Knob
from kapture.sandbox.stripe import prices
from kapture.sandbox.stripe.checkouts import Checkouts
from kapture.sandbox.stripe.due import Calendar
from kapture.sandbox.stripe.errors import RefusedError, missing
from kapture.sandbox.stripe.events import Events
from kapture.sandbox.stripe.forms import only, read
from kapture.sandbox.stripe.lists import one
from kapture.sandbox.stripe.store import Obj, Store
from kapture.sandbox.stripe.subscriptions import Subscriptions


class Account:
    """The parts of an account, and the look-ups they share."""

    def __init__(self, store: Store, send: Callable[[str], None], knob: Callable[[str], Knob]) -> None:
        self.store = store
        self.events = Events(store, send)
        self.subscriptions = Subscriptions(store, self.events, knob)
        self.checkouts = Checkouts(store, self.events, self.subscriptions)
        self.calendar = Calendar(store, self.events, self.subscriptions, self.checkouts)
        prices.seed(store)

    def need(self, kind: str, ident: str) -> Obj:
        """An object that must be there."""
        found = self.store.find(kind, ident)
        if found is None:
            raise missing(kind, ident)
        return found

    def retrieve(self, kind: str) -> Handler:
        """A handler that answers one object by the id in its path."""

        def handler(request: Request, names: dict[str, str]) -> Response:
            return one(self.store, self.need(kind, names["id"]), only(read(request)))

        return handler

    def buyer(self, ident: str, param: str, status: int) -> Obj:
        """A customer who is there and not deleted."""
        found = self.store.find("customer", ident)
        if found is None or found.get("deleted"):
            raise missing("customer", ident, param, status)
        return found

    def change_price(self, sub: Obj, items: Any) -> None:
        """Change the plan as `items[0][price]` says."""
        ident = items[0].get("price") if isinstance(items, list) and len(items) == 1 else None
        price = prices.find(self.store, ident) if isinstance(ident, str) else None
        if price is None or not price["recurring"]:
            raise RefusedError("The stand-in changes items[0][price] to another recurring price.", param="items")
        self.subscriptions.change_price(sub, price)
