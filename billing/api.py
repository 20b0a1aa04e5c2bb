"""`/api/billing`."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from billing.models import Plan
from billing.queries import plan_of, receipts, usage
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
        """Meters of the running month and the latest receipts."""
        now = {
            "plan": plan_of(request.user),
            "kinds": usage(request.user, timezone.now()),
            "receipts": receipts(request.user)[:LATEST],
        }
        return Response(UsageSerializer(now).data)
