"""What the frame of every page shows of billing; pages that know it already share it, so that it is not read twice."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils import timezone

from billing.models import Plan
from billing.queries import KindUsage, plan_of, usage
from billing.services import ask_sync

PLAN, USAGE = "_billing_plan", "_billing_usage"
MOST_LOOKS = 6


def share(request: HttpRequest, plan: Plan, rows: Sequence[KindUsage] | None = None) -> None:
    """Let the frame of this answer use what its page has read."""
    setattr(request, PLAN, plan)
    setattr(request, USAGE, rows)


def looks(request: HttpRequest) -> int:
    """Which look a page takes (`?managed=`) for somebody back from Stripe's own page, from 1; 0 when nobody is."""
    text = request.GET.get("managed", "")
    return min(int(text), MOST_LOOKS) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def next_look(request: HttpRequest) -> int:
    """Ask Stripe for what somebody may have changed there, and answer the number of the next look; 0 for none.

    No webhook may have told it yet, so the page looks a few times by itself.
    """
    look = looks(request)
    if look:
        ask_sync(request.user)
    return look + 1 if 0 < look < MOST_LOOKS else 0


def meters(request: HttpRequest) -> Sequence[KindUsage]:
    """The meters of the running month."""
    known: Sequence[KindUsage] | None = getattr(request, USAGE, None)
    return usage(request.user, timezone.now(), _plan(request)) if known is None else known


def plan_name(request: HttpRequest) -> str:
    """The plan somebody is on."""
    return _plan(request).name


def _plan(request: HttpRequest) -> Plan:
    """What the page has read, or else is read once for all of the frame."""
    known: Plan | None = getattr(request, PLAN, None)
    if known is None:
        known = plan_of(request.user)
        setattr(request, PLAN, known)
    return known
