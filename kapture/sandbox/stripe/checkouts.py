"""The life of a checkout session: open, paid in one of several ways, expired."""

from enum import StrEnum

from kapture.sandbox.stripe import prices
from kapture.sandbox.stripe.events import Events
from kapture.sandbox.stripe.periods import DAY
from kapture.sandbox.stripe.store import Obj, Store, new_id
from kapture.sandbox.stripe.subscriptions import Subscriptions

BANK_SECONDS = 3 * DAY


class Way(StrEnum):
    """What somebody does on the payment page."""

    PAY = "pay"
    DECLINED = "declined"  # the card is refused; the page stays open
    SECOND_STEP = "second_step"  # the bank wants a confirmation: a subscription is incomplete until then
    CONFIRM = "confirm"  # that confirmation is given
    REFUSE = "refuse"  # or not
    BANK = "bank"  # one-off payments only: the money comes days later


class Checkouts:
    """What each way leads to; a session that is over is left as it is."""

    def __init__(self, store: Store, events: Events, subscriptions: Subscriptions) -> None:
        self._store, self._events, self._subscriptions = store, events, subscriptions

    def go(self, session: Obj, way: Way) -> None:
        """Take one way."""
        if session["status"] != "open":
            return
        session["_problem"] = ""
        match way:
            case Way.PAY:
                self._pay(session)
            case Way.DECLINED:
                session["_problem"] = "The card was declined. Nothing was charged."
            case Way.SECOND_STEP:
                self._begin_second_step(session)
            case Way.CONFIRM:
                self._confirm(session)
            case Way.REFUSE:
                self._refuse(session)
            case Way.BANK:
                self._pay_by_bank(session)

    def expire(self, session: Obj) -> None:
        """Close an open session."""
        session |= {"status": "expired", "url": None}
        self._events.emit("checkout.session.expired", session)

    def bank_answers(self, session: Obj) -> None:
        """The money sent by bank comes, or does not."""
        works = self._buyer(session)["_card"] == "works"
        session["_arrives"] = None
        session["payment_status"] = "paid" if works else "unpaid"
        outcome = "async_payment_succeeded" if works else "async_payment_failed"
        self._events.emit(f"checkout.session.{outcome}", session)

    def _pay(self, session: Obj) -> None:
        if session["mode"] == "subscription":
            sub = self._begin(session, confirmed=True)
            session["payment_status"] = "no_payment_required" if sub["status"] == "trialing" else "paid"
        else:
            session["payment_status"] = "paid"
        self._complete(session)

    def _begin_second_step(self, session: Obj) -> None:
        if session["mode"] == "subscription" and not session["subscription"]:
            self._begin(session, confirmed=False)
        session["_second_step"] = True

    def _confirm(self, session: Obj) -> None:
        if not session.get("_second_step"):
            return
        if session["mode"] == "subscription":
            sub = self._store.find("subscription", session["subscription"])
            if sub is None or sub["status"] != "incomplete":
                session["_problem"] = "This payment took too long. Begin again."
                return
            self._subscriptions.confirm(sub)
        session["payment_status"] = "paid"
        self._complete(session)

    def _refuse(self, session: Obj) -> None:
        sub = self._store.find("subscription", session["subscription"] or "")
        if sub:
            self._subscriptions.refuse(sub)
        session["_second_step"] = False
        session["_problem"] = "The bank did not confirm the payment. Nothing was charged."

    def _pay_by_bank(self, session: Obj) -> None:
        if session["mode"] == "payment":
            session["_arrives"] = self._store.now() + BANK_SECONDS
            self._complete(session)

    def _begin(self, session: Obj, *, confirmed: bool) -> Obj:
        buyer = self._buyer(session)
        price = prices.find(self._store, session["_price"])
        assert price
        sub = self._subscriptions.begin(buyer, price, session["_notes"], session["_trial_days"], confirmed=confirmed)
        session |= {"subscription": sub["id"], "invoice": sub["latest_invoice"]}
        return sub

    def _complete(self, session: Obj) -> None:
        buyer = self._buyer(session)
        details = {"email": buyer["email"], "name": buyer["name"], "phone": None, "address": None, "tax_ids": []}
        session |= {"status": "complete", "url": None, "customer_details": details}
        if session["mode"] == "payment":
            session["payment_intent"] = new_id("pi_3")
        self._events.emit("checkout.session.completed", session)

    def _buyer(self, session: Obj) -> Obj:
        buyer = self._store.find("customer", session["customer"])
        assert buyer
        return buyer
