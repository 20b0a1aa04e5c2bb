"""The life of a subscription: begun, paid, renewed, overdue, changed, ended."""

from collections.abc import Callable

from kapture.sandbox.standin import Knob
from kapture.sandbox.stripe import papers, prices, shapes
from kapture.sandbox.stripe.events import Events
from kapture.sandbox.stripe.periods import DAY, period_end
from kapture.sandbox.stripe.store import Obj, Store

# How long after each failed payment the next is tried.
RETRY_AFTER = (3 * DAY, 5 * DAY, 7 * DAY)
INCOMPLETE_SECONDS = 23 * 3_600
LIVING = ("trialing", "active", "past_due", "unpaid", "incomplete", "paused")
UPDATED = "customer.subscription.updated"


class Subscriptions:
    """Every method leaves the account as Stripe would and notes the same events."""

    def __init__(self, store: Store, events: Events, knob: Callable[[str], Knob]) -> None:
        self._store, self._events, self._knob = store, events, knob

    def begin(
        self, buyer: Obj, price: Obj, metadata: dict[str, str], trial_days: int = 0, *, confirmed: bool = True
    ) -> Obj:
        """A new subscription, paid or on trial; one whose payment is not confirmed yet is incomplete."""
        now = self._store.now()
        trial_end = now + trial_days * DAY if trial_days else None
        end = trial_end or period_end(now, now, price)
        sub = self._store.add(shapes.subscription(now, buyer["id"], price, end, metadata, trial_end))
        amount = 0 if trial_end else price["unit_amount"]
        invoice = self._bill(sub, amount, "subscription_create")
        if confirmed:
            sub["status"] = "trialing" if trial_end else "active"
            self._mark_paid(invoice)
        self._events.emit("customer.subscription.created", sub)
        if confirmed:
            self._events.emit("invoice.paid", invoice)
        else:
            self._events.emit("invoice.payment_action_required", invoice)
        return sub

    def confirm(self, sub: Obj) -> None:
        """The second step of the first payment worked."""
        invoice = self._store.find("invoice", sub["latest_invoice"])
        if sub["status"] == "incomplete" and invoice:
            self._mark_paid(invoice)
            self._events.change(UPDATED, sub, status="trialing" if sub["trial_end"] else "active")
            self._events.emit("invoice.paid", invoice)

    def refuse(self, sub: Obj) -> None:
        """The second step of the first payment failed; the subscription stays incomplete."""
        invoice = self._store.find("invoice", sub["latest_invoice"])
        if sub["status"] == "incomplete" and invoice:
            invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
            self._events.emit("invoice.payment_failed", invoice)

    def give_up(self, sub: Obj) -> None:
        """Nobody confirmed the first payment in time."""
        invoice = self._store.find("invoice", sub["latest_invoice"])
        if invoice:
            invoice |= {"status": "void", "amount_remaining": 0, "auto_advance": False}
        self._events.change(UPDATED, sub, status="incomplete_expired", ended_at=self._store.now())

    def renew(self, sub: Obj) -> None:
        """Begin the next period (or the first after a trial) and collect for it."""
        bought = sub["items"]["data"][0]
        start, price = bought["current_period_end"], bought["price"]
        before = {"items": {"data": [dict(bought)]}, "status": sub["status"]}
        bought["current_period_start"] = start
        bought["current_period_end"] = period_end(sub["billing_cycle_anchor"], start, price)
        if sub["status"] == "unpaid":
            self._events.emit(UPDATED, sub, before)
            return
        if sub["pause_collection"]:
            self._bill(sub, price["unit_amount"], "subscription_cycle")["status"] = "draft"
            self._events.emit(UPDATED, sub, before)
            return
        self._collect(sub, self._bill(sub, price["unit_amount"], "subscription_cycle"), before)

    def retry(self, sub: Obj) -> None:
        """Try an overdue payment again; after the last time the subscription ends, or is left unpaid by the knob."""
        invoice = self._store.find("invoice", sub["latest_invoice"])
        assert invoice
        if self._card_works(sub):
            self.pay_open(sub)
            return
        self._fail(invoice)
        if invoice["next_payment_attempt"] is None:
            if self._knob("after_retries") == "unpaid":
                self._events.change(UPDATED, sub, status="unpaid")
            else:
                self.end(sub, "payment_failed")

    def pay_open(self, sub: Obj) -> None:
        """Pay what is overdue, with a card that works now."""
        owed = self._store.newest("invoice", lambda invoice: _is_open(invoice, sub["id"]))
        for invoice in reversed(owed):
            self._mark_paid(invoice)
            self._events.emit("invoice.paid", invoice)
        if sub["status"] in ("past_due", "unpaid"):
            self._events.change(UPDATED, sub, status="active")

    def change_price(self, sub: Obj, price: Obj) -> None:
        """Change the plan now; the dearer one's difference for the rest of the period is billed at once."""
        bought, now = sub["items"]["data"][0], self._store.now()
        old = bought["price"]
        if old["id"] == price["id"]:
            return
        before = {"items": {"data": [dict(bought)]}}
        start, end = bought["current_period_start"], bought["current_period_end"]
        due = (price["unit_amount"] - old["unit_amount"]) * max(0, end - now) // max(1, end - start)
        bought["price"] = price
        if old["recurring"]["interval"] != price["recurring"]["interval"]:
            due = price["unit_amount"]
            sub["billing_cycle_anchor"] = bought["current_period_start"] = now
            bought["current_period_end"] = period_end(now, now, price)
        if due <= 0 or sub["status"] != "active":
            self._events.emit(UPDATED, sub, before)
        else:
            self._collect(sub, self._bill(sub, due, "subscription_update"), before)

    def cancel_later(self, sub: Obj, *, wanted: bool, by_portal: bool) -> None:
        """End it with its period, or take that back; the portal of flexible billing names the time alone."""
        end = sub["items"]["data"][0]["current_period_end"]
        reason = "cancellation_requested" if wanted else None
        self._events.change(
            UPDATED,
            sub,
            cancel_at=end if wanted else None,
            cancel_at_period_end=wanted and not (by_portal and self._knob("portal_cancels_by_date")),
            canceled_at=self._store.now() if wanted else None,
            cancellation_details={**sub["cancellation_details"], "reason": reason},
        )

    def end(self, sub: Obj, reason: str = "cancellation_requested") -> None:
        """End it now."""
        now = self._store.now()
        sub |= {
            "status": "canceled",
            "canceled_at": sub["canceled_at"] or now,
            "ended_at": now,
            "cancel_at_period_end": False,
            "cancellation_details": {**sub["cancellation_details"], "reason": reason},
        }
        self._events.emit("customer.subscription.deleted", sub)

    def pause(self, sub: Obj) -> None:
        """Pause it, as a trial that ends without a card does."""
        sub["status"] = "paused"
        self._events.emit("customer.subscription.paused", sub, {"status": "active"})

    def resume(self, sub: Obj) -> None:
        """Go on with a paused subscription; a new period begins now."""
        bought, now = sub["items"]["data"][0], self._store.now()
        sub |= {"status": "active", "billing_cycle_anchor": now}
        bought |= {"current_period_start": now, "current_period_end": period_end(now, now, bought["price"])}
        self._events.emit("customer.subscription.resumed", sub, {"status": "paused"})

    def _collect(self, sub: Obj, invoice: Obj, before: Obj) -> None:
        if self._card_works(sub):
            sub["status"] = "active"
            self._mark_paid(invoice)
            self._events.emit(UPDATED, sub, before)
            self._events.emit("invoice.paid", invoice)
            return
        sub["status"] = "past_due"
        self._events.emit(UPDATED, sub, before)
        self._fail(invoice)

    def _fail(self, invoice: Obj) -> None:
        attempts = invoice["attempt_count"]
        wait = RETRY_AFTER[attempts] if attempts < len(RETRY_AFTER) else None
        invoice |= {
            "attempted": True,
            "attempt_count": attempts + 1,
            "next_payment_attempt": None if wait is None else self._store.now() + wait,
        }
        self._events.emit("invoice.payment_failed", invoice)

    def _bill(self, sub: Obj, amount: int, reason: str) -> Obj:
        buyer = self._store.find("customer", sub["customer"])
        assert buyer
        name = prices.name_of(self._store, sub["items"]["data"][0]["price"])
        paper = papers.invoice(self._store.now(), self._store.base, buyer, sub, amount=amount, reason=reason, told=name)
        sub["latest_invoice"] = paper["id"]
        return self._store.add(paper)

    def _mark_paid(self, invoice: Obj) -> None:
        now = self._store.now()
        invoice |= {
            "status": "paid",
            "amount_paid": invoice["amount_due"],
            "amount_remaining": 0,
            "attempted": True,
            "attempt_count": invoice["attempt_count"] + (1 if invoice["amount_due"] else 0),
            "next_payment_attempt": None,
            "status_transitions": {**invoice["status_transitions"], "paid_at": now},
        }

    def _card_works(self, sub: Obj) -> bool:
        buyer = self._store.find("customer", sub["customer"])
        return bool(buyer and buyer["_card"] == "works")


def _is_open(invoice: Obj, sub: str) -> bool:
    named = (invoice["parent"] or {}).get("subscription_details") or {}
    return invoice["status"] == "open" and named.get("subscription") == sub
