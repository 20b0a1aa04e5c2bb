"""Billing in admin."""

from billing.admin import ledger, plans, purchases, subscriptions

__all__ = ["ledger", "plans", "purchases", "subscriptions"]
