"""Reads of plans and usage."""

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce

from billing.entitlements import ENTITLED, OVERDUE
from billing.models import Checkout, Invoice, Plan, Subscription, TopUpPack, UsagePeriod
from kapture.core.choices import UsageKind

MOST_BOUGHT = 50
SINGULAR = {
    UsageKind.SCRAPE: "Scrape",
    UsageKind.DOWNLOAD: "Download",
    UsageKind.AI_GENERATION: "AI generation",
}


def month(moment: datetime) -> tuple[datetime, datetime]:
    """Start and end of the calendar month (UTC) that holds a moment."""
    start = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=calendar.monthrange(start.year, start.month)[1])


def plan_of(user: Any) -> Plan:
    """The plan somebody is on: what staff granted, else what is paid for, else the default; in two queries."""
    # One query with subqueries costs three times as much to build, and every page asks.
    return plan_by(Subscription.objects.filter(user_id=user.pk).first())


def plan_by(row: Subscription | None) -> Plan:
    """The plan that the row of a subscription gives, or none at all; in one query, none where the row has its plans."""
    held = None if row is None else row.granted_plan or (row.plan if row.status in ENTITLED else None)
    return held or Plan.objects.get(is_default=True)


def held_plan(user_field: str | OuterRef) -> Coalesce:
    """The same as an id, of the person a query's field names, to be computed by the database for each row."""
    rows = Subscription.objects.filter(user_id=OuterRef(user_field))
    granted, paid = rows.values("granted_plan_id"), rows.filter(status__in=ENTITLED).values("plan_id")
    default = Plan.objects.filter(is_default=True).values("pk")
    return Coalesce(Subquery(granted), Subquery(paid), Subquery(default), output_field=UUIDField())


def concurrent_downloads(user_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many downloads each of some people may have under way at once, by their plans; in two queries."""
    allowed = dict(Plan.objects.values_list("pk", "concurrent_downloads"))
    people = get_user_model().objects.filter(pk__in=user_ids).annotate(plan_now=held_plan("pk"))
    return {pk: allowed[plan] for pk, plan in people.values_list("pk", "plan_now") if plan in allowed}


def subscription_of(user: Any) -> Subscription | None:
    """What somebody subscribed to at Stripe, also when it has ended; None for somebody who never did."""
    rows = Subscription.objects.select_related("plan", "granted_plan")
    return rows.filter(user_id=user.pk, stripe_id__isnull=False).first()


def invoices_of(user: Any) -> QuerySet[Invoice]:
    """Somebody's invoices, newest first."""
    return Invoice.objects.filter(user_id=user.pk).order_by("-issued_at", "-id")


def bought_packs(user: Any) -> list[Checkout]:
    """Top-ups somebody paid for, newest first, at most the last 50; each with its pack."""
    rows = Checkout.objects.filter(user_id=user.pk, pack__isnull=False, state=Checkout.State.PAID)
    return list(rows.select_related("pack").order_by("-ended_at", "-id")[:MOST_BOUGHT])


def in_sentence(name: str) -> str:
    """A label with a small first letter, unless it begins with an abbreviation: scrapes, AI generations."""
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


@dataclass(frozen=True, slots=True)
class KindUsage:
    """What one usage kind looks like this month; `extra` is what top-ups hold besides."""

    kind: UsageKind
    used: int
    held: int
    limit: int
    resets_at: datetime
    extra: int = 0

    @property
    def label(self) -> str:
        """Name for people."""
        return str(self.kind.label)

    @property
    def noun(self) -> str:
        """Name of many inside a sentence: scrapes, downloads, AI generations."""
        return in_sentence(self.label)

    @property
    def left(self) -> str:
        """What is left, in words: 4 scrapes left, 1 AI generation left."""
        name = in_sentence(SINGULAR[self.kind]) if self.remaining == 1 else self.noun
        return f"{self.remaining:,} {name} left"

    @property
    def current(self) -> int:
        """Used and held: what counts against the limit."""
        return self.used + self.held

    @property
    def runs_low(self) -> bool:
        """Whether a fifth of the month or less is left, top-ups included; never where the plan gives none."""
        return bool(self.limit) and 5 * self.remaining <= self.limit

    @property
    def remaining(self) -> int:
        """What is left, top-ups included, never below zero (a downgrade may leave `current` above the limit)."""
        return max(0, self.limit - self.current) + self.extra


def usage(user: Any, now: datetime, plan: Plan | None = None) -> list[KindUsage]:
    """All kinds in the month of `now`; nothing is written.

    It takes one query, or three when a kind was not used yet and the caller does not know the `plan`.
    """
    start, end = month(now)
    of_month = Q(source=UsagePeriod.Source.MONTH)
    left = ~of_month & Q(limit__gt=F("used") + F("held"))
    found = UsagePeriod.objects.filter((of_month & Q(starts_at=start)) | left, user_id=user.pk)
    rows, extra = {}, dict.fromkeys(UsageKind.values, 0)
    for row in found:
        if row.source == UsagePeriod.Source.MONTH:
            rows[row.kind] = row
        else:
            extra[row.kind] += row.limit - row.used - row.held
    if len(rows) < len(UsageKind):
        plan = plan or plan_of(user)
        rows = {kind.value: UsagePeriod(kind=kind, limit=plan.limit(kind)) for kind in UsageKind} | rows
    return [
        KindUsage(kind, row.used, row.held, row.limit, end, extra[kind.value])
        for kind, row in ((kind, rows[kind.value]) for kind in UsageKind)
    ]


def usage_of(user: Any, kind: UsageKind, now: datetime, plan: Plan | None = None) -> KindUsage:
    """One kind in the month of `now`."""
    return next(row for row in usage(user, now, plan) if row.kind == kind)


def as_meta(row: KindUsage) -> dict[str, Any]:
    """`meta.usage` of the API."""
    return {"type": row.kind.value, "current": row.current, "limit": row.limit, "remaining": row.remaining}


def runs_out(row: KindUsage, now: datetime) -> datetime | None:
    """When a kind is used up if the month goes on as it went so far; None when it lasts, or is too young to tell.

    Straight line: remaining units over units a second since the month began (after its first day).
    """
    start, _ = month(now)
    passed = now - start
    if not row.current or not row.remaining or passed < timedelta(days=1):
        return None
    moment = now + row.remaining * (passed / row.current)
    return moment if moment < row.resets_at else None


@dataclass(frozen=True, slots=True)
class Standing:
    """A kind's usage, and when it is used up at this pace (None when it lasts the month)."""

    usage: KindUsage
    runs_out_at: datetime | None


def standing(user: Any, now: datetime, plan: Plan | None = None) -> list[Standing]:
    """All kinds in the month of `now` with their forecasts."""
    return [Standing(row, runs_out(row, now)) for row in usage(user, now, plan)]


def price(sold: Plan | TopUpPack) -> str:
    """What a plan costs a month, or a pack once, in words: $0, $19, $5.50."""
    dollars, cents = divmod(sold.price_cents, 100)
    return f"${dollars:,}.{cents:02}" if cents else f"${dollars:,}"


def owes(user: Any) -> bool:
    """Whether a payment of somebody's subscription failed and is still waited for."""
    return Subscription.objects.filter(user_id=user.pk, status__in=OVERDUE).exists()
