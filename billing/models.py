"""Plans, and the ledger of what was used of them.

A period row holds two counters, and each reservation is a row that ends once. Nothing is ever reset: the next month is
the next row.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from kapture.core.choices import UsageKind
from kapture.core.models import BaseModel


class Plan(BaseModel):
    """What a subscriber may use in a calendar month; staff edit these rows."""

    name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(unique=True)
    description = models.CharField(max_length=200, blank=True)
    price_cents = models.PositiveIntegerField(default=0, help_text="A month, in US cents.")
    scrapes = models.PositiveIntegerField(help_text="Scrapes a month.")
    downloads = models.PositiveIntegerField(help_text="Downloads a month.")
    ai_generations = models.PositiveIntegerField(help_text="AI generations a month.")
    is_default = models.BooleanField(default=False, help_text="The plan of people who chose none.")
    is_public = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "price_cents"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_plan"),
        ]

    def __str__(self) -> str:
        return self.name

    def limit(self, kind: UsageKind) -> int:
        """Units of a kind a month."""
        match kind:
            case UsageKind.SCRAPE:
                return self.scrapes
            case UsageKind.DOWNLOAD:
                return self.downloads
            case UsageKind.AI_GENERATION:
                return self.ai_generations


class Subscription(BaseModel):
    """Which plan somebody chose; people without a row are on the default plan."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="subscription")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="subscriptions")

    def __str__(self) -> str:
        return f"{self.user} on {self.plan}"


class UsagePeriod(BaseModel):
    """One month of one usage kind of one person; `used + held` never passes `limit` at a grant."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=UsageKind)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    limit = models.PositiveIntegerField()
    used = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-starts_at", "kind"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "kind", "starts_at"], name="one_row_per_period"),
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="period_has_length"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_at:%Y-%m}: {self.used} + {self.held} of {self.limit}"


class Reservation(BaseModel):
    """Units held for one piece of work until it ends: then they are settled or released, once."""

    class State(models.TextChoices):
        HELD = "held", "Held"
        SETTLED = "settled", "Settled"
        RELEASED = "released", "Released"

    period = models.ForeignKey(UsagePeriod, on_delete=models.PROTECT, related_name="reservations")
    source_id = models.UUIDField(unique=True, help_text="The job or generation this was taken for.")
    amount = models.PositiveIntegerField()
    settled = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    reason = models.CharField(max_length=120, blank=True)
    level_after = models.PositiveIntegerField(help_text="Used and held after this grant.")
    limit_at_grant = models.PositiveIntegerField()
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="Only without a job: when it is released if nobody settled it."
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["expires_at"], name="reservation_expiring", condition=Q(state="held")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(level_after__lte=F("limit_at_grant")), name="never_above_limit"),
            models.CheckConstraint(condition=Q(settled__lte=F("amount")), name="never_settled_above_held"),
            models.CheckConstraint(condition=Q(amount__gte=1), name="reserves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.state}"
