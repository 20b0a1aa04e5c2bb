"""How somebody's plan stands: where it comes from, what state it is in, and the next thing to do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings

from billing.entitlements import ENDED, MEANINGS
from billing.models import Customer, Plan, Subscription
from billing.models import SubscriptionStatus as Status
from billing.queries import plan_by, price


class Next(StrEnum):
    """What to do next: `MANAGE` leads to Stripe's own page of the customer."""

    NOTHING = "nothing"
    CHOOSE = "choose"
    MANAGE = "manage"


@dataclass(frozen=True, slots=True)
class Line:
    """A badge with its tone, a sentence or two, and the next action with its words."""

    badge: str
    tone: str
    text: str
    action: Next = Next.NOTHING
    label: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """Somebody's plan with the rows it follows from; `sells` tells whether Stripe is on."""

    plan: Plan
    subscription: Subscription | None
    is_customer: bool
    sells: bool

    @property
    def granted(self) -> bool:
        """Whether staff gave the plan, whatever is paid for."""
        return self.subscription is not None and self.subscription.granted_plan_id is not None

    @property
    def status(self) -> Status | None:
        """The state of the subscription at Stripe, if there is one."""
        row = self.subscription
        return Status(row.status) if row is not None and row.stripe_id and row.status else None

    @property
    def unfinished(self) -> bool:
        """Whether there is a subscription at Stripe that has not ended."""
        return self.status is not None and self.status not in ENDED

    @property
    def can_manage(self) -> bool:
        """Whether Stripe has a billing page for this person."""
        return self.is_customer and self.sells

    @property
    def why_not(self) -> str:
        """Why no plan can be chosen here now; empty when one can."""
        if not self.sells:
            return "Plans are changed by staff here."
        if self.granted:
            return "Our staff put you on this plan. One you buy would have no effect until they take that back."
        return "You have a subscription. Change it on your billing page at Stripe." if self.unfinished else ""

    @property
    def line(self) -> Line:
        """The state in words, with an action only where it leads somewhere."""
        found = self._line()
        possible = {Next.MANAGE: self.can_manage, Next.CHOOSE: self.sells}.get(found.action, True)
        return found if possible else Line(found.badge, found.tone, found.text)

    def _line(self) -> Line:
        if self.granted:
            return self._granted()
        if self.status is None or self.subscription is None:
            return self._free()
        if MEANINGS[self.status].gives_plan:
            return self._paid(self.subscription, self.status)
        return self._without(self.subscription, self.status)

    def _granted(self) -> Line:
        text = "Our staff put you on this plan. It costs you nothing."
        if self.unfinished:
            text = "Our staff put you on this plan. You also pay for a subscription, which has no effect meanwhile."
            return Line("Granted by staff", "warn", text, Next.MANAGE, "Manage the subscription")
        return Line("Granted by staff", "accent", text)

    def _free(self) -> Line:
        if not self.sells:
            return Line(
                "No subscription", "neutral", "Plans are changed by staff here. Ask whoever runs this instance."
            )
        return Line(
            "No subscription", "neutral", "Choose another plan when you need more.", Next.CHOOSE, "Compare plans"
        )

    def _paid(self, row: Subscription, status: Status) -> Line:
        """States that give the plan."""
        if row.plan is None:
            text = "You subscribed at a price that we know no plan for. Our staff have been told."
            return Line("Needs a look", "warn", text, Next.MANAGE, "Open billing")
        if status == Status.PAST_DUE:
            text = f"{MEANINGS[status].told} Check your card."
            return Line("Payment overdue", "bad", text, Next.MANAGE, "Update your card")
        if row.ends_at is not None:
            text = f"{row.plan.name} ends on {_day(row.ends_at)}. Until then nothing changes."
            return Line(f"Ends on {_day(row.ends_at)}", "warn", text, Next.MANAGE, "Keep the plan")
        if status == Status.TRIALING:
            end = f" until {_day(row.trial_ends_at)}" if row.trial_ends_at else ""
            text = f"You try {row.plan.name}{end}. After that it costs {price(row.plan)} a month."
            return Line("Trial", "accent", text, Next.MANAGE, "Manage billing")
        if row.is_collection_paused:
            return Line("Payments paused", "accent", "Nothing is collected for now, and you keep the plan.",
                        Next.MANAGE, "Manage billing")  # fmt: skip
        renews = f"Renews on {_day(row.period_end)}." if row.period_end else MEANINGS[status].told
        return Line("Active", "ok", renews, Next.MANAGE, "Manage billing")

    def _without(self, row: Subscription, status: Status) -> Line:
        """States that give no plan: some can be mended, some are over."""
        name, told = row.plan.name if row.plan is not None else "The plan you chose", MEANINGS[status].told
        match status:
            case Status.INCOMPLETE:
                return Line("Payment not finished", "warn", f"{name} waits: {_small(told)} Nothing was charged so far.",
                            Next.MANAGE, "Finish the payment")  # fmt: skip
            case Status.UNPAID:
                text = f"{name} is off until what is owed is paid. You are on {self.plan.name} meanwhile."
                return Line("Unpaid", "bad", text, Next.MANAGE, "Pay what is owed")
            case Status.PAUSED:
                text = f"The trial of {name} ended without a way to pay. You are on {self.plan.name} meanwhile."
                return Line("Paused", "warn", text, Next.MANAGE, "Add a way to pay")
            case Status.INCOMPLETE_EXPIRED:
                text = f"The first payment for {name} never came, and nothing was charged."
                return Line("Not paid", "neutral", text, Next.CHOOSE, "Compare plans")
        when = f" on {_day(row.ends_at)}" if row.ends_at else ""
        return Line("Ended", "neutral", f"Your subscription to {name} ended{when}. You are on {self.plan.name}.",
                    Next.CHOOSE, "Choose a plan")  # fmt: skip


def membership(user: Any) -> Membership:
    """Somebody's plan and what it follows from, in two or three queries."""
    subscription = Subscription.objects.select_related("plan", "granted_plan").filter(user_id=user.pk).first()
    is_customer = Customer.objects.filter(user_id=user.pk, stripe_id__isnull=False).exists()
    return Membership(plan_by(subscription), subscription, is_customer, bool(settings.STRIPE_SECRET_KEY))


def _day(moment: datetime) -> str:
    return f"{moment:%-d %B %Y}"


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
