"""`/api/billing/checkout` and `/api/billing/portal`: addresses of Stripe's pages."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from billing.addresses import own_path
from billing.buying import buy
from billing.serializers import BuySerializer, LinkSerializer, ManageSerializer
from billing.services import portal
from kapture.api.idempotency import idempotent_outside
from kapture.api.views import ApiView


class CheckoutView(ApiView):
    """Paying for a plan or a top-up."""

    @extend_schema(request=BuySerializer, responses=LinkSerializer)
    @idempotent_outside
    def post(self, request: Request) -> Response:
        """The address of a payment page; people come back to this site alone, whether they paid or not."""
        wanted = self.read(BuySerializer)
        visit = buy(
            self.caller,
            plan_id=wanted.get("plan_id"),
            pack_id=wanted.get("pack_id"),
            back_to=own_path(wanted.get("success_url", ""), "successUrl"),
            cancel_to=own_path(wanted.get("cancel_url", ""), "cancelUrl"),
        )
        return Response(LinkSerializer({"url": visit.url}).data)


class PortalView(ApiView):
    """Changing what is paid for."""

    @extend_schema(request=ManageSerializer, responses=LinkSerializer)
    @idempotent_outside
    def post(self, request: Request) -> Response:
        """The address of the caller's own billing page at Stripe, good for some minutes."""
        path = own_path(self.read(ManageSerializer).get("return_url", ""), "returnUrl")
        return Response(LinkSerializer({"url": portal(self.caller, path or "/usage/")}).data)
