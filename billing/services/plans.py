"""Which plan holds, and carrying its limits into the running month."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from billing.models import Plan, Subscription, UsagePeriod
from billing.queries import held_plan, plan_of
from billing.services.ledger import alone_with_ledger_of, alone_with_plans, database_month
from kapture.audit.services import record
from kapture.core.choices import UsageKind


def choose_plan(user: Any, plan: Plan | None, actor: Any, reason: str = "") -> Subscription:
    """Grant somebody a plan, whatever they pay for; None takes the grant back. The month's limits follow at once."""
    with transaction.atomic():
        subscription, _ = Subscription.objects.update_or_create(user=user, defaults={"granted_plan": plan})
        follow_plan(user)
        why = {"reason": reason} if reason else {}
        record(actor, "billing.plan_chosen", subscription, plan=plan.slug if plan else None, **why)
    return subscription


def follow_plan(user: Any) -> None:
    """Carry somebody's plan into the running month, in the caller's transaction; what was used stays."""
    alone_with_ledger_of(user)
    starts_at, _ = database_month()
    plan = plan_of(user)
    for kind in UsageKind:
        _running(starts_at).filter(user=user, kind=kind).update(limit=plan.limit(kind), updated_at=Now())


def apply_plan(plan: Plan) -> None:
    """Carry a changed plan into the running month of everybody on it, in the transaction that changed it."""
    alone_with_plans()
    starts_at, _ = database_month()
    for kind in UsageKind:
        people = _running(starts_at).alias(plan_now=held_plan("user_id")).filter(kind=kind, plan_now=plan.pk)
        people.update(limit=plan.limit(kind), updated_at=Now())


def _running(starts_at: Any) -> Any:
    return UsagePeriod.objects.filter(source=UsagePeriod.Source.MONTH, starts_at__gte=starts_at)
