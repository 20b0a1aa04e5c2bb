"""The billing room."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Plans and what was used of them."""

    name = "billing"
    verbose_name = "Billing"
