"""`/api/billing`."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from billing.models import Plan
from billing.queries import month, plan_of, standing
from billing.receipts import receipts
from billing.serializers import PlanSerializer, UsageSerializer
from kapture.api.views import ApiView

LATEST = 20


class PlansView(ApiView):
    """The public plans."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(responses=PlanSerializer(many=True), auth=[])
    def get(self, request: Request) -> Response:
        """Plans in their order, for anybody."""
        response = Response(PlanSerializer(Plan.objects.filter(is_public=True), many=True).data)
        response["Cache-Control"] = "public, max-age=300"
        return response


class UsageView(ApiView):
    """What was used this month."""

    @extend_schema(responses=UsageSerializer)
    def get(self, request: Request) -> Response:
        """Meters of the running month with a forecast, and its latest receipts."""
        now = timezone.now()
        starts_at, _ = month(now)
        answer = {
            "plan": plan_of(self.caller),
            "kinds": standing(self.caller, now),
            "receipts": receipts(self.caller, starts_at)[:LATEST],
        }
        return Response(UsageSerializer(answer).data)
