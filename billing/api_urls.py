"""API routes of billing."""

from django.urls import path

from billing import api

urlpatterns = [
    path("billing/plans", api.PlansView.as_view(), name="plans"),
    path("billing/usage", api.UsageView.as_view(), name="usage"),
]
