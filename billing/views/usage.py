"""The usage page: what is left, what was used, and a receipt for each piece of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing.frame import next_look, share
from billing.history import History, Month, TopUp, history, last_months, used_by_day
from billing.membership import membership
from billing.models import UsageNotice
from billing.queries import KindUsage, Standing, month, price, standing
from billing.receipts import ORDER, explained, receipts
from kapture.core.choices import UsageKind
from kapture.core.errors import InvalidInput
from kapture.core.paging import PageRequest, paginate
from kapture.web.bars import BarChart
from kapture.web.charts import Series

DAYS = 30
HUES = {UsageKind.SCRAPE: "violet", UsageKind.DOWNLOAD: "teal", UsageKind.AI_GENERATION: "amber"}
ICONS = {UsageKind.SCRAPE: "radar", UsageKind.DOWNLOAD: "download", UsageKind.AI_GENERATION: "lightbulb"}


@dataclass(frozen=True, slots=True)
class Meter:
    """One kind as its card shows it: the month, the top-ups behind it, and when somebody was told that it runs low."""

    usage: KindUsage
    runs_out_at: datetime | None
    icon: str
    top_ups: tuple[TopUp, ...]
    told: tuple[UsageNotice, ...]

    @property
    def extra_units(self) -> int:
        """All units of the top-ups that have some left or held."""
        return sum(row.units for row in self.top_ups)

    @property
    def extra_taken(self) -> int:
        """What of them is used or held."""
        return self.extra_units - self.usage.extra


@login_required
@require_safe
def usage_page(request: HttpRequest) -> HttpResponse:
    """Meters of the running month, what was used by day and month, and the receipts of a month."""
    now = timezone.now()
    shown, kind = _month(request.GET.get("month", ""), now), _kind(request.GET.get("kind", ""))
    page = paginate(receipts(request.user, shown, kind), ORDER, PageRequest.read(request.GET))
    member, past = membership(request.user), history(request.user, now)
    running, rows = month(now), standing(request.user, now, member.plan)
    share(request, member.plan, [row.usage for row in rows])
    context = {
        "member": member,
        "price": price(member.plan),
        "look": next_look(request),
        "meters": _meters(request.user, past, rows, running[0]),
        "resets_at": running[1],
        "charts": _charts(request.user, past, now),
        "top_ups": past.open_top_ups,
        "page": page,
        "receipts": explained(request.user, page.rows),
        "over": past.month(shown) if shown != running[0] else None,
        "months": [(f"{row.starts_at:%Y-%m}", f"{row.starts_at:%B %Y}") for row in past.months],
        "month": f"{shown:%Y-%m}",
        "kinds": [("", "All kinds"), *UsageKind.choices],
        "kind": kind or "",
    }
    return render(request, "billing/usage.html", context)


def _month(text: str, now: datetime) -> datetime:
    if not text:
        return month(now)[0]
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidInput({"month": ["A month such as 2026-11."]}) from error


def _kind(text: str) -> UsageKind | None:
    if text not in ("", *UsageKind.values):
        raise InvalidInput({"kind": [f"One of {', '.join(UsageKind.values)}."]})
    return UsageKind(text) if text else None


def _meters(user: Any, past: History, rows: list[Standing], starts_at: datetime) -> list[Meter]:
    notices = UsageNotice.objects.filter(period__user_id=user.pk, period__starts_at=starts_at).select_related("period")
    told = list(notices.order_by("percent"))
    return [
        Meter(
            row.usage,
            row.runs_out_at,
            ICONS[row.usage.kind],
            tuple(top_up for top_up in past.open_top_ups if top_up.kind == row.usage.kind),
            tuple(notice for notice in told if notice.period.kind == row.usage.kind and _reached(notice, row.usage)),
        )
        for row in rows
    ]


def _reached(notice: UsageNotice, usage: KindUsage) -> bool:
    """Whether what was told still holds: a hold given back or a larger plan leaves a level again."""
    return 100 * usage.current >= notice.percent * usage.limit


def _charts(user: Any, past: History, now: datetime) -> list[BarChart]:
    """Units charged by day and by month; none while nothing was ever charged."""
    months = last_months(past, now)
    if not any(kind.total for row in past.months for kind in row.kinds):
        return []
    return [_by_day(user, now), _by_month(months)]


def _by_day(user: Any, now: datetime) -> BarChart:
    found = used_by_day(user, now, DAYS)
    days = [now.astimezone(UTC).date() - timedelta(days=DAYS - 1 - index) for index in range(DAYS)]
    series = [Series(str(kind.label), values, HUES[kind]) for kind, values in found.items()]
    labels = [f"{day.day} {day:%b}" for day in days]
    return BarChart("Charged in the last 30 days", labels, series, "units", running=True)


def _by_month(rows: Sequence[Month]) -> BarChart:
    series = [Series(str(kind.label), [_total(row, kind) for row in rows], HUES[kind]) for kind in UsageKind]
    labels = [f"{row.starts_at:%b %Y}" if row.starts_at.month == 1 else f"{row.starts_at:%b}" for row in rows]
    return BarChart("Charged by month", labels, series, "units", head="Month", running=True)


def _total(row: Month, kind: UsageKind) -> int:
    return next(part.total for part in row.kinds if part.kind == kind)
