"""API routes of billing."""

from django.urls import path

from billing import api
from billing.webhooks import verify
from kapture.inbox.face import webhook

urlpatterns = [
    path("billing/plans", api.PlansView.as_view(), name="plans"),
    path("billing/usage", api.UsageView.as_view(), name="usage"),
    path("webhooks/stripe", webhook("stripe", verify), name="webhooks-stripe"),
]
