"""What the account does by itself when its time comes: renew, try again, warn, end, expire."""

from collections.abc import Callable, Iterator

from kapture.sandbox.stripe.checkouts import Checkouts
from kapture.sandbox.stripe.events import Events
from kapture.sandbox.stripe.periods import DAY
from kapture.sandbox.stripe.store import Obj, Store
from kapture.sandbox.stripe.subscriptions import INCOMPLETE_SECONDS, Subscriptions

TRIAL_WARNING = 3 * DAY
MOST_STEPS = 10_000
Step = tuple[int, Callable[[], None]]


class Calendar:
    """Does what is due, each thing at its own time and in order."""

    def __init__(self, store: Store, events: Events, subscriptions: Subscriptions, checkouts: Checkouts) -> None:
        self._store, self._events = store, events
        self._subscriptions, self._checkouts = subscriptions, checkouts

    def catch_up(self, until: int | None = None) -> int:
        """Do everything that is due by a time (the present), and tell how many things that were."""
        until = self._store.now() if until is None else until
        for count in range(MOST_STEPS):
            moment, action = min(self._steps(), key=lambda step: step[0], default=(until + 1, None))
            if moment > until or action is None:
                return count
            with self._store.at(moment):
                action()
        raise RuntimeError("The account never comes to rest.")

    def _steps(self) -> Iterator[Step]:
        for session in self._store.oldest("checkout.session"):
            yield from self._of_session(session)
        for sub in self._store.oldest("subscription"):
            yield from self._of_subscription(sub)

    def _of_session(self, session: Obj) -> Iterator[Step]:
        if session["status"] == "open":
            yield session["expires_at"], lambda: self._checkouts.expire(session)
        elif session.get("_arrives"):
            yield session["_arrives"], lambda: self._checkouts.bank_answers(session)

    def _of_subscription(self, sub: Obj) -> Iterator[Step]:
        status, end = sub["status"], sub["items"]["data"][0]["current_period_end"]
        if status == "incomplete":
            yield sub["created"] + INCOMPLETE_SECONDS, lambda: self._subscriptions.give_up(sub)
        if status == "trialing" and not sub.get("_warned"):
            yield max(sub["created"], sub["trial_end"] - TRIAL_WARNING), lambda: self._warn(sub)
        if status in ("trialing", "active", "past_due", "unpaid"):
            leaves = sub["cancel_at"]
            if leaves is not None and leaves <= end:
                yield leaves, lambda: self._subscriptions.end(sub)
            else:
                yield end, lambda: self._subscriptions.renew(sub)
        if status == "past_due":
            invoice = self._store.find("invoice", sub["latest_invoice"]) or {}
            if invoice.get("next_payment_attempt"):
                yield invoice["next_payment_attempt"], lambda: self._subscriptions.retry(sub)

    def _warn(self, sub: Obj) -> None:
        sub["_warned"] = True
        self._events.emit("customer.subscription.trial_will_end", sub)
