"""Page routes of billing."""

from django.urls import path

from billing.views import invoices, paying, plans, usage

app_name = "billing"
urlpatterns = [
    path("usage/", usage.usage_page, name="usage"),
    path("usage/plans/", plans.plans_page, name="plans"),
    path("usage/invoices/", invoices.invoices_page, name="invoices"),
    path("usage/checkout/", paying.checkout, name="checkout"),
    path("usage/checkout/<uuid:pk>/", paying.visit, name="visit"),
    path("usage/portal/", paying.manage, name="portal"),
]
