"""Usage and plans pages."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing.models import Plan
from billing.queries import month, months, plan_of, price, standing
from billing.receipts import explained, receipts, used_by_day
from kapture.core.choices import UsageKind
from kapture.core.errors import InvalidInput
from kapture.core.paging import PageRequest, paginate
from kapture.web.charts import LineChart, Series

DAYS = 30
HUES = {UsageKind.SCRAPE: "violet", UsageKind.DOWNLOAD: "teal", UsageKind.AI_GENERATION: "amber"}


@login_required
@require_safe
def usage_page(request: HttpRequest) -> HttpResponse:
    """Meters of the running month, what was used day by day, and the receipts of a month."""
    now = timezone.now()
    shown = _month(request.GET.get("month", ""), now)
    page = paginate(receipts(request.user, shown), ("-created_at", "-id"), PageRequest.read(request.GET))
    plan = plan_of(request.user)
    context = {
        "plan": plan,
        "price": price(plan),
        "kinds": standing(request.user, now),
        "resets_at": month(now)[1],
        "chart": _chart(request, now),
        "page": page,
        "receipts": explained(page.rows),
        "months": [(f"{start:%Y-%m}", f"{start:%B %Y}") for start in months(request.user, now)],
        "month": f"{shown:%Y-%m}",
    }
    return render(request, "billing/usage.html", context)


def _month(text: str, now: datetime) -> datetime:
    if not text:
        return month(now)[0]
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidInput({"month": ["A month such as 2026-11."]}) from error


def _chart(request: HttpRequest, now: datetime) -> LineChart | None:
    """Units charged a day by kind; None when nothing was charged."""
    found = used_by_day(request.user, now, DAYS)
    if not any(any(values) for values in found.values()):
        return None
    days = [now.astimezone(UTC).date() - timedelta(days=DAYS - 1 - index) for index in range(DAYS)]
    series = [Series(str(kind.label), values, HUES[kind]) for kind, values in found.items()]
    return LineChart("Charged in the last 30 days", [f"{day.day} {day:%b}" for day in days], series, "units")


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan as the plans page shows it: price in words, and (figure, noun) for each kind."""

    plan: Plan
    price: str
    allowances: tuple[tuple[int, str], ...]
    current: bool


@login_required
@require_safe
def plans_page(request: HttpRequest) -> HttpResponse:
    """The public plans, and the current one even if it is not public, side by side."""
    current = plan_of(request.user)
    plans = [*Plan.objects.filter(is_public=True)]
    shown = plans if current in plans else [current, *plans]
    offers = [
        Offer(
            plan,
            price(plan),
            tuple((plan.limit(kind), str(kind.label)) for kind in UsageKind),
            plan == current,
        )
        for plan in shown
    ]
    return render(request, "billing/plans.html", {"offers": offers})
