"""What billing does; other rooms use these names."""

from billing.services.checkout import portal, start
from billing.services.leaving import leave_stripe
from billing.services.ledger import database_month, release, release_expired, reserve, settle
from billing.services.months import turn_month
from billing.services.plans import apply_plan, choose_plan, follow_plan
from billing.services.reconciling import ask_reconcile, ask_sync
from billing.services.spending import over_cap
from billing.services.topups import top_up

__all__ = [
    "apply_plan",
    "ask_reconcile",
    "ask_sync",
    "choose_plan",
    "database_month",
    "follow_plan",
    "leave_stripe",
    "over_cap",
    "portal",
    "release",
    "release_expired",
    "reserve",
    "settle",
    "start",
    "top_up",
    "turn_month",
]
