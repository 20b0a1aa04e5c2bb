"""Telling somebody in plain words what changed about their subscription."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from accounts.notifications import notify
from billing.entitlements import MEANINGS
from billing.models import Subscription, SubscriptionStatus

PORTAL = "Your billing page at Stripe, which Usage leads to, is the place to change that."


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody's subscription stands, as far as a change of it is worth noting."""

    stripe_id: str = ""
    status: str = ""
    plan: str = ""
    price_id: str = ""
    period_end: datetime | None = None
    ends_at: datetime | None = None
    is_collection_paused: bool = False

    @classmethod
    def of(cls, row: Subscription | None) -> Self:
        """The standing of a row, or of nobody's."""
        if row is None:
            return cls()
        return cls(
            row.stripe_id or "",
            row.status,
            row.plan.name if row.plan is not None else "",
            row.price_id,
            row.period_end,
            row.ends_at,
            row.is_collection_paused,
        )

    @property
    def gives_plan(self) -> bool:
        """Whether a plan comes with it."""
        return bool(self.status) and MEANINGS[SubscriptionStatus(self.status)].gives_plan

    @property
    def is_unknown(self) -> bool:
        """Whether it would give a plan, if one had its price."""
        return self.gives_plan and not self.plan

    def has_come_to_an_unknown_price(self, before: Self) -> bool:
        """Whether that is news."""
        known = (before.stripe_id, before.price_id, before.is_unknown)
        return self.is_unknown and known != (self.stripe_id, self.price_id, True)

    def as_data(self) -> dict[str, Any]:
        """For the audit log."""
        return {
            "subscription": self.stripe_id,
            "status": self.status,
            "plan": self.plan,
            "price": self.price_id,
            "periodEnd": self.period_end.isoformat() if self.period_end else None,
            "endsAt": self.ends_at.isoformat() if self.ends_at else None,
        }


@dataclass(frozen=True, slots=True)
class News:
    """A notice; all but what comes every month is also worth an e-mail."""

    title: str
    body: str
    mail: bool = True


UNKNOWN = News(
    "Your subscription needs a look from us",
    "You subscribed at a price that we know no plan for. Our staff have been told and will see to it.",
)


def tell_change(user: Any, before: Standing, after: Standing) -> None:
    """Notify somebody of a change, at most once, in the transaction that wrote it."""
    news = _news(before, after)
    if news is not None:
        mail = news.mail and user.mails_account
        notify(user, "billing.subscription", news.title, body=news.body, path="/usage/", mail=mail)


def tell_trial_ends(user: Any, row: Subscription) -> None:
    """Notify somebody that their trial will end."""
    if row.status == SubscriptionStatus.TRIALING and row.trial_ends_at is not None:
        name = row.plan.name if row.plan is not None else "your plan"
        title = f"Your trial of {name} ends on {_day(row.trial_ends_at)}"
        body = f"After that it is paid for by the month, unless you end it before. {PORTAL}"
        notify(user, "billing.subscription", title, body=body, path="/usage/", mail=user.mails_account)


def _news(before: Standing, after: Standing) -> News | None:
    had_plan = before.gives_plan and not before.is_unknown
    if after.is_unknown:
        return UNKNOWN if after.has_come_to_an_unknown_price(before) else None
    if had_plan and not after.gives_plan:
        return _lost(before, after)
    if after.gives_plan:
        return _went_on(before, after) if had_plan else _begun(after)
    return None


def _begun(after: Standing) -> News:
    if after.status == SubscriptionStatus.TRIALING:
        return News(f"Your trial of {after.plan} has begun", f"Its limits hold from now on.{_next(after)}")
    return News(f"You are on {after.plan}", f"Its limits hold from now on.{_next(after)}")


def _lost(before: Standing, after: Standing) -> News:
    kept = "What you made stays, and what you used this month stays counted."
    match after.status:
        case SubscriptionStatus.UNPAID:
            return News(f"{before.plan} is off until it is paid", f"Its payment failed several times. {PORTAL}")
        case SubscriptionStatus.PAUSED:
            return News(f"{before.plan} is paused", f"The trial ended without a way to pay. {PORTAL}")
    return News(f"Your subscription to {before.plan} has ended", kept)


def _went_on(before: Standing, after: Standing) -> News | None:
    """What happened to somebody who had a plan before and has one now."""
    overdue = SubscriptionStatus.PAST_DUE
    if after.status == overdue and before.status != overdue:
        body = f"It will be tried again in the next days, and you keep the plan meanwhile. {PORTAL}"
        return News(f"The payment for {after.plan} did not work", body)
    if after.plan != before.plan:
        return News(f"You are on {after.plan} now", f"Before it was {before.plan}. Its limits hold from now on.")
    if after.ends_at is not None and before.ends_at is None:
        body = "Until then nothing changes. You can take it back on your billing page at Stripe."
        return News(f"{after.plan} ends on {_day(after.ends_at)}", body)
    if after.ends_at is None and before.ends_at is not None:
        return News(f"{after.plan} goes on", f"It does not end any more.{_next(after)}")
    if before.status == overdue and after.status != overdue:
        return News(f"{after.plan} is paid", f"Nothing is overdue any more.{_next(after)}")
    if after.period_end and before.period_end and after.period_end > before.period_end and after.status != overdue:
        return News(f"{after.plan} was renewed", _next(after).strip(), mail=False)
    return None


def _next(after: Standing) -> str:
    return f" It renews on {_day(after.period_end)}." if after.period_end and after.ends_at is None else ""


def _day(moment: datetime) -> str:
    return f"{moment:%-d %B %Y}"
