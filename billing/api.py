"""`/api/billing`: what can be had, and what is used."""

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from billing.history import MONTHS_SHOWN, history
from billing.membership import Membership, membership
from billing.models import Invoice, Plan, TopUpPack
from billing.queries import invoices_of, month, plan_of, standing
from billing.receipts import holds
from billing.serializers import (
    InvoiceSerializer,
    PackSerializer,
    PlanSerializer,
    SubscriptionSerializer,
    UsageSerializer,
)
from kapture.api.views import ApiView, OwnedViewSet

LATEST = 20
KEPT = "public, max-age=300"


class PlansView(ApiView):
    """The public plans."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(responses=PlanSerializer(many=True), auth=[])
    def get(self, request: Request) -> Response:
        """Plans in their order with all their figures, for anybody; may be kept for five minutes."""
        plans = PlanSerializer(Plan.objects.filter(is_public=True), many=True)
        return Response(plans.data, headers={"Cache-Control": KEPT})


class PacksView(ApiView):
    """The public top-ups."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(responses=PackSerializer(many=True), auth=[])
    def get(self, request: Request) -> Response:
        """Top-ups in their order, for anybody; may be kept for five minutes."""
        packs = PackSerializer(TopUpPack.objects.filter(is_public=True), many=True)
        return Response(packs.data, headers={"Cache-Control": KEPT})


class UsageView(ApiView):
    """What was used."""

    @extend_schema(responses=UsageSerializer)
    def get(self, request: Request) -> Response:
        """Each kind in the running month with a forecast, the months before, and the latest receipts."""
        now = timezone.now()
        plan = plan_of(self.caller)
        answer = {
            "plan": plan,
            "kinds": standing(self.caller, now, plan),
            "history": history(self.caller, now, plan).months[:MONTHS_SHOWN],
            "receipts": holds(self.caller, month(now)[0])[:LATEST],
        }
        return Response(UsageSerializer(answer).data)


class SubscriptionView(ApiView):
    """The plan somebody has."""

    @extend_schema(responses=SubscriptionSerializer)
    def get(self, request: Request) -> Response:
        """The plan, and the state of the subscription it follows from."""
        return Response(SubscriptionSerializer(_told(membership(self.caller))).data)


def _told(member: Membership) -> dict[str, object]:
    """What the answer says; a row without a subscription at Stripe (a grant of staff) has no dates."""
    row = member.subscription if member.status is not None else None
    return {
        "plan": member.plan,
        "granted": member.granted,
        "status": member.status,
        "line": member.line,
        "can_manage": member.can_manage,
        "subscribed_plan": row.plan.slug if row is not None and row.plan is not None else None,
        "period_start": row.period_start if row is not None else None,
        "period_end": row.period_end if row is not None else None,
        "ends_at": row.ends_at if row is not None else None,
        "trial_ends_at": row.trial_ends_at if row is not None else None,
        "is_collection_paused": row is not None and row.is_collection_paused,
    }


class InvoiceViewSet(OwnedViewSet):
    """The caller's invoices, newest first."""

    serializer_class = InvoiceSerializer
    ordering = ("-issued_at", "-id")

    def get_queryset(self) -> QuerySet[Invoice]:
        """Copies of Stripe's invoices."""
        return invoices_of(self.request.user)
