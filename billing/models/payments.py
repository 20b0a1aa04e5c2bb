"""What was bought: copies of what Stripe knows, each with the row that was there before asking."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.models.plans import Plan, TopUpPack
from kapture.core.models import BaseModel


class Customer(BaseModel):
    """Who somebody is at Stripe; the row is there before the customer, so that asking twice makes one."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="customer")
    stripe_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True, help_text="When subscriptions were last read from Stripe.")

    def __str__(self) -> str:
        return self.stripe_id or f"{self.user} (not yet at Stripe)"


class SubscriptionStatus(models.TextChoices):
    """Stripe's states of a subscription; `billing.entitlements` says which of them give the plan."""

    INCOMPLETE = "incomplete", "Waiting for the first payment"
    INCOMPLETE_EXPIRED = "incomplete_expired", "Never paid"
    TRIALING = "trialing", "Trial"
    ACTIVE = "active", "Active"
    PAST_DUE = "past_due", "Payment overdue"
    CANCELED = "canceled", "Cancelled"
    UNPAID = "unpaid", "Unpaid"
    PAUSED = "paused", "Paused"


class Subscription(BaseModel):
    """Which plan somebody has: the one staff granted, else the one paid for at Stripe, else the default one.

    What is paid for is a copy of Stripe's latest state; only `billing.services.subscriptions` writes it.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="subscription")
    granted_plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="subscriptions")
    stripe_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    price_id = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=20, choices=SubscriptionStatus, blank=True)
    period_start = models.DateTimeField(null=True, blank=True)
    period_end = models.DateTimeField(null=True, blank=True)
    cancel_at_period_end = models.BooleanField(default=False)
    ends_at = models.DateTimeField(null=True, blank=True, help_text="When it was or will be cancelled.")
    trial_ends_at = models.DateTimeField(null=True, blank=True)
    is_collection_paused = models.BooleanField(default=False)
    started_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user}: {self.granted_plan or self.plan or 'default plan'}"


class Checkout(BaseModel):
    """A visit to Stripe's payment page, for a plan or a top-up; its id is the idempotency key of its making."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        PAID = "paid", "Paid"
        EXPIRED = "expired", "Expired"
        FAILED = "failed", "Failed"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    pack = models.ForeignKey(TopUpPack, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    stripe_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    back_to = models.CharField(max_length=300, blank=True, help_text="Path of this site to go on to afterwards.")
    cancel_to = models.CharField(max_length=300, blank=True, help_text="Path of this site for who leaves unpaid.")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at"], name="checkout_user_recent"),
            models.Index(fields=["created_at"], name="checkout_open", condition=Q(state="open")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(plan=None, pack__isnull=False) | Q(plan__isnull=False, pack=None), name="buys_one_thing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan or self.pack} {self.state}"


class Invoice(BaseModel):
    """A copy of one of Stripe's invoices."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    stripe_id = models.CharField(max_length=255, unique=True)
    number = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=20, blank=True)
    currency = models.CharField(max_length=3)
    due = models.BigIntegerField(help_text="In the smallest unit of the currency.")
    paid = models.BigIntegerField(help_text="In the smallest unit of the currency.")
    issued_at = models.DateTimeField()
    page_url = models.CharField(max_length=2000, blank=True)
    pdf_url = models.CharField(max_length=2000, blank=True)

    class Meta:
        ordering: ClassVar = ["-issued_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["user", "-issued_at", "-id"], name="invoice_user_recent")]

    def __str__(self) -> str:
        return self.number or self.stripe_id
