"""API routes of billing."""

from django.urls import path

from billing import api, paying_api
from billing.webhooks import verify
from kapture.inbox.face import webhook

urlpatterns = [
    path("billing/plans", api.PlansView.as_view(), name="plans"),
    path("billing/packs", api.PacksView.as_view(), name="packs"),
    path("billing/usage", api.UsageView.as_view(), name="usage"),
    path("billing/subscription", api.SubscriptionView.as_view(), name="subscription"),
    path("billing/invoices", api.InvoiceViewSet.as_view({"get": "list"}), name="invoices"),
    path("billing/checkout", paying_api.CheckoutView.as_view(), name="checkout"),
    path("billing/portal", paying_api.PortalView.as_view(), name="portal"),
    path("webhooks/stripe", webhook("stripe", verify), name="webhooks-stripe"),
]
