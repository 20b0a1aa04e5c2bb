"""What each state of a subscription means, and which of several subscriptions counts.

The table is told to people in docs/billing.md, which a test compares with this one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from billing.models import Plan
from billing.models import SubscriptionStatus as Status
from kapture.gateways.payments import SubscriptionFacts


@dataclass(frozen=True, slots=True)
class Meaning:
    """Whether a state gives the plan, whether it is an end after which one may buy again, and what the person reads."""

    gives_plan: bool
    is_over: bool
    told: str


MEANINGS: Mapping[Status, Meaning] = {
    Status.TRIALING: Meaning(True, False, "Your trial runs."),
    Status.ACTIVE: Meaning(True, False, "Paid and active."),
    # Stripe tries an overdue payment again for weeks; taking the plan away meanwhile would punish an expired card.
    Status.PAST_DUE: Meaning(True, False, "A payment is overdue. You keep the plan while it is tried again."),
    Status.INCOMPLETE: Meaning(False, False, "The first payment waits for your bank's confirmation."),
    Status.UNPAID: Meaning(False, False, "The plan is off until what is owed is paid."),
    Status.PAUSED: Meaning(False, False, "The trial ended without a way to pay. Add one to go on."),
    Status.CANCELED: Meaning(False, True, "The subscription has ended."),
    Status.INCOMPLETE_EXPIRED: Meaning(False, True, "The first payment never came."),
}
ENTITLED = frozenset(status for status, meaning in MEANINGS.items() if meaning.gives_plan)
# Nothing more will come of these: a new subscription may be bought.
ENDED = frozenset(status for status, meaning in MEANINGS.items() if meaning.is_over)
# Stripe waits for money that did not come; the person has to do something.
OVERDUE = frozenset({Status.PAST_DUE, Status.UNPAID, Status.INCOMPLETE})


def best(found: Sequence[SubscriptionFacts], plans: Mapping[str, Plan]) -> SubscriptionFacts | None:
    """The subscription that counts: one that gives a plan, else one that may still, else the newest.

    Of two that give plans it is the one with the dearer plan. `plans` maps Stripe's price ids.
    """

    def rank(facts: SubscriptionFacts) -> tuple[bool, bool, int, float, str]:
        meaning = MEANINGS[Status(facts.status)]
        plan = plans.get(facts.price_id or "") if meaning.gives_plan else None
        cents = -1 if plan is None else plan.price_cents
        return meaning.gives_plan, not meaning.is_over, cents, facts.created.timestamp(), facts.id

    return max(found, key=rank, default=None)


def living(found: Sequence[SubscriptionFacts]) -> list[SubscriptionFacts]:
    """Those that give a plan; there should be one at most."""
    return [facts for facts in found if Status(facts.status) in ENTITLED]
