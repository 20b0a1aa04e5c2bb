"""What a plan means outside of billing: how many API requests somebody may make, and what staff see in the list."""

from typing import Any

from django.db.models import OuterRef, Subquery

from accounts.directory import choices, columns
from billing.models import Plan
from billing.queries import held_plan, plan_of
from kapture.api.throttling import rate_of


def requests_per_minute(user: Any) -> int:
    """How many API requests somebody's plan allows a minute."""
    return plan_of(user).requests_per_minute


def register_all() -> None:
    """Enter the registers of the API kit and of the list of people."""
    rate_of.append(requests_per_minute)
    choices["plan"] = lambda: Plan.objects.values_list("name", flat=True)
    columns["plan"] = Subquery(Plan.objects.filter(pk=held_plan(OuterRef("pk"))).values("name"))
