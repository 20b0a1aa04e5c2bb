"""What billing does; other rooms use these names."""

from billing.services.ledger import database_month, release, release_expired, reserve, settle
from billing.services.plans import apply_plan, choose_plan, follow_plan
from billing.services.topups import top_up

__all__ = [
    "apply_plan",
    "choose_plan",
    "database_month",
    "follow_plan",
    "release",
    "release_expired",
    "reserve",
    "settle",
    "top_up",
]
