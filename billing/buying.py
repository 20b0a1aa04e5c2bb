"""Going to pay, as both faces ask for it."""

from typing import Any
from uuid import UUID

from django.db.models.functions import Now

from billing.models import Checkout, Plan, Subscription, TopUpPack
from billing.services import start
from kapture.core.errors import Conflict, InvalidInput


def buy(
    user: Any, *, plan_id: UUID | None = None, pack_id: UUID | None = None, back_to: str = "", cancel_to: str = ""
) -> Checkout:
    """A visit to the payment page for what is on offer; its `url` is where to go.

    `back_to` and `cancel_to` are paths of this site, for who paid and for who did not. Raises `InvalidInput` for what
    is not on offer, `Conflict` when a plan would have no effect, and what `start` raises.
    """
    if (plan_id is None) == (pack_id is None):
        raise InvalidInput({"planId": ["Name one plan or one top-up."]})
    visit = start(user, pack=_pack(pack_id)) if pack_id is not None else start(user, plan=_plan(user, plan_id))
    # A visit that was open already leads where this request wants.
    rows = Checkout.objects.filter(pk=visit.pk, state=Checkout.State.OPEN)
    rows.update(back_to=back_to, cancel_to=cancel_to, updated_at=Now())
    return visit


def _pack(pack_id: UUID) -> TopUpPack:
    pack = TopUpPack.objects.filter(pk=pack_id, is_public=True).first()
    if pack is None:
        raise InvalidInput({"packId": ["There is no such top-up."]})
    return pack


def _plan(user: Any, plan_id: UUID | None) -> Plan:
    plan = Plan.objects.filter(pk=plan_id, is_public=True).first() if plan_id else None
    if plan is None:
        raise InvalidInput({"planId": ["There is no such plan."]})
    if Subscription.objects.filter(user_id=user.pk, granted_plan__isnull=False).exists():
        raise Conflict("Our staff put you on your plan. One you buy would have no effect until they take that back.")
    return plan
