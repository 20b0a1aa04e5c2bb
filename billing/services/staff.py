"""What staff do by hand to plans, and for one person; each is on record with the change, and the person is told why."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.closing.services import require_open
from accounts.notifications import notify
from accounts.reasons import checked
from billing.models import Plan, Subscription, UsagePeriod
from billing.services.plans import apply_plan, choose_plan
from billing.services.reconciling import ask_sync
from billing.services.topups import top_up
from kapture.audit.services import record
from kapture.core.choices import UsageKind
from kapture.core.errors import Conflict


def plan_saved(actor: Any, plan: Plan, changes: Mapping[str, Any]) -> None:
    """Carry a plan that was just saved into the running month, on record; in the transaction that saved it."""
    apply_plan(plan)
    record(actor, "billing.plan_saved", plan, **changes)


def make_default(actor: Any, plan: Plan) -> None:
    """Put everybody without a plan of their own on this one, at once; there is always exactly one such plan."""
    with transaction.atomic():
        others = Plan.objects.select_for_update().filter(is_default=True).exclude(pk=plan.pk)
        before = others.first()
        if before is None:
            raise Conflict(f"{plan.name} is the default plan already.")
        others.update(is_default=False)
        Plan.objects.filter(pk=plan.pk).update(is_default=True)
        apply_plan(plan)
        record(actor, "billing.default_plan_chosen", plan, plan=plan.slug, before=before.slug)


def grant_plan(actor: Any, user: Any, plan: Plan, reason: str) -> Subscription:
    """Put somebody on a plan, whatever they pay for, until it is taken back; `InvalidInput` for a short reason."""
    reason = checked(reason)
    with transaction.atomic():
        require_open(user)
        row = choose_plan(user, plan, actor, reason)
        notify(user, "billing.plan_granted", f"Our staff put you on {plan.name}", body=reason, path="/usage/")
    return row


def take_back(actor: Any, user: Any, reason: str) -> Subscription:
    """End a grant: what is paid for holds again, or else the default plan; raises `Conflict` when there is none."""
    reason = checked(reason)
    with transaction.atomic():
        require_open(user)
        row = (
            Subscription.objects.select_for_update(of=("self",))
            .select_related("granted_plan")
            .filter(user=user)
            .first()
        )
        if row is None or row.granted_plan is None:
            raise Conflict("No plan was granted to this person.")
        name = row.granted_plan.name
        row = choose_plan(user, None, actor, reason)
        notify(user, "billing.plan_granted", f"Our staff took back {name}", body=reason, path="/usage/plans/")
    return row


def grant_units(actor: Any, user: Any, kind: UsageKind, units: int, reason: str, decision: UUID) -> bool:
    """Give units beyond the month, once for each `decision`; False when that was done before.

    Raises `InvalidInput` for a short reason or a number out of range, and `Conflict` for a closed account.
    """
    require_open(user)
    source = UsagePeriod.Source.GRANT
    return top_up(user, kind, units, source=source, source_id=f"staff:{decision}", actor=actor, reason=checked(reason))


def read_again(actor: Any, user: Any) -> bool:
    """Have somebody's copy of Stripe's data read again soon, on record; False when that is under way or just done."""
    with transaction.atomic():
        asked = ask_sync(user)
        if asked:
            record(actor, "billing.sync_asked", user)
    return asked
