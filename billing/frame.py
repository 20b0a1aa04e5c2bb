"""What the frame of every page shows of billing; pages that know it already share it, so that it is not read twice."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils import timezone

from billing.models import Plan
from billing.queries import KindUsage, plan_of, usage

PLAN, USAGE = "_billing_plan", "_billing_usage"


def share(request: HttpRequest, plan: Plan, rows: Sequence[KindUsage] | None = None) -> None:
    """Let the frame of this answer use what its page has read."""
    setattr(request, PLAN, plan)
    setattr(request, USAGE, rows)


def meters(request: HttpRequest) -> Sequence[KindUsage]:
    """The meters of the running month."""
    known: Sequence[KindUsage] | None = getattr(request, USAGE, None)
    return usage(request.user, timezone.now(), getattr(request, PLAN, None)) if known is None else known


def plan_name(request: HttpRequest) -> str:
    """The plan somebody is on."""
    known: Plan | None = getattr(request, PLAN, None)
    return (known or plan_of(request.user)).name
