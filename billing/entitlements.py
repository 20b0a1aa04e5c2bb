"""Which states of a subscription give the plan that is paid for (the table is in docs/billing.md)."""

from billing.models import SubscriptionStatus as Status

# Stripe retries an overdue payment for up to three weeks; taking the plan away meanwhile would punish an expired card.
ENTITLED = frozenset({Status.TRIALING, Status.ACTIVE, Status.PAST_DUE})
# Nothing more will come of these: a new subscription may be bought.
ENDED = frozenset({Status.CANCELED, Status.INCOMPLETE_EXPIRED})
