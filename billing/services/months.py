"""The turn of the month: the next rows are opened for people who are at work, and months that are over are put away.

Nothing depends on it: a month's row is also made by its first use, and an ended month is never used again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import User
from billing.models import Plan, UsagePeriod
from billing.queries import held_plan, month
from billing.services.ledger import alone_with_plans, database_now
from kapture.core.choices import UsageKind
from kapture.core.ids import new_id

Month = UsagePeriod.Source.MONTH
AHEAD = timedelta(days=1)
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Turned:
    """How many rows were opened and put away."""

    opened: int
    archived: int


def turn_month(now: datetime | None = None) -> Turned:
    """Open this month's rows (on its last day also the next one's) and archive what is over; safe at any time.

    The month is that of `now`, by default the database's.
    """
    now = now or database_now()
    starts_at, ends_at = month(now)
    opened = open_month(starts_at)
    if ends_at - now <= AHEAD:
        opened += open_month(ends_at)
    return Turned(opened, archive())


def open_month(starts_at: datetime) -> int:
    """Make the rows of a month for everybody who used or held anything in the month before; returns how many."""
    before, _ = month(starts_at - AHEAD)
    active = UsagePeriod.objects.filter(source=Month, starts_at=before).exclude(used=0, held=0)
    people = list(active.order_by("user_id").values_list("user_id", flat=True).distinct())
    return sum(_open(people[at : at + AT_ONCE], *month(starts_at)) for at in range(0, len(people), AT_ONCE))


def _open(people: list[UUID], starts_at: datetime, ends_at: datetime) -> int:
    """One share of them, while nobody's plan changes: the limit is that of the plan of this moment."""
    with transaction.atomic():
        alone_with_plans()
        plans = {plan.pk: plan for plan in Plan.objects.all()}
        held = User.objects.filter(pk__in=people, is_active=True).annotate(plan_id=held_plan("pk"))
        rows = UsagePeriod.objects.filter(source=Month, starts_at=starts_at, user_id__in=people)
        there = set(rows.values_list("user_id", "kind"))
        new = [
            UsagePeriod(
                id=new_id(),
                user_id=user_id,
                kind=kind,
                starts_at=starts_at,
                ends_at=ends_at,
                limit=plans[plan_id].limit(kind),
            )
            for user_id, plan_id in held.values_list("pk", "plan_id")
            for kind in UsageKind
            if (user_id, kind.value) not in there
        ]
        UsagePeriod.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def archive() -> int:
    """Put months away that are over and hold nothing for work that still runs; returns how many."""
    over = UsagePeriod.objects.filter(source=Month, archived_at=None, ends_at__lte=Now(), held=0)
    return over.update(archived_at=Now(), updated_at=F("updated_at"))
