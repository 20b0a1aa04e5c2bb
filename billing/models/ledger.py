"""The ledger of what was used.

A period row holds two counters, and each reservation is a row that ends once. Nothing is ever reset: the next month is
the next row.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from kapture.core.choices import UsageKind
from kapture.core.models import BaseModel


class UsagePeriod(BaseModel):
    """Units of one kind one person may use: those of a calendar month, or a top-up, which has no end.

    `used + held` never passes `limit` at a grant.
    """

    class Source(models.TextChoices):
        MONTH = "month", "Monthly allowance"
        PURCHASE = "purchase", "Top-up"
        GRANT = "grant", "Granted by staff"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=UsageKind)
    source = models.CharField(max_length=10, choices=Source, default=Source.MONTH)
    source_id = models.CharField(max_length=255, blank=True, help_text="What was paid or decided; given once.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True, help_text="Empty for a top-up.")
    limit = models.PositiveIntegerField()
    used = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-starts_at", "kind"]
        indexes: ClassVar = [
            models.Index(fields=["user", "kind"], name="topup_of_user", condition=~Q(source="month")),
            models.Index(fields=["ends_at"], name="period_to_archive", condition=Q(source="month", archived_at=None)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "kind", "starts_at"], condition=Q(source="month"), name="one_row_per_period"
            ),
            models.UniqueConstraint(
                fields=["source", "source_id"], condition=~Q(source="month"), name="topped_up_once"
            ),
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="period_has_length"),
            models.CheckConstraint(
                condition=Q(source="month", ends_at__isnull=False) | (~Q(source="month") & Q(ends_at=None)),
                name="only_months_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_at:%Y-%m}: {self.used} + {self.held} of {self.limit}"


class UsageNotice(BaseModel):
    """That somebody was told once how much of a month is used."""

    period = models.ForeignKey(UsagePeriod, on_delete=models.CASCADE, related_name="notices")
    percent = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["period", "percent"], name="told_once")]

    def __str__(self) -> str:
        return f"{self.percent} %"


class KeyDay(BaseModel):
    """What one API key spent on one UTC day, kept for keys with a cap."""

    key = models.ForeignKey("accounts.ApiKey", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    spent = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "day"], name="one_row_per_key_and_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.spent}"


class Reservation(BaseModel):
    """Units held for one piece of work until it ends: then they are settled or released, once."""

    class State(models.TextChoices):
        HELD = "held", "Held"
        SETTLED = "settled", "Settled"
        RELEASED = "released", "Released"

    period = models.ForeignKey(UsagePeriod, on_delete=models.PROTECT, related_name="reservations")
    source_id = models.UUIDField(help_text="The job or generation this was taken for.")
    key_day = models.ForeignKey(
        KeyDay, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Of a key with a cap."
    )
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
            # Work larger than what is left of the month is held in several rows: the month's and those of top-ups.
            models.UniqueConstraint(fields=["source_id", "period"], name="held_once_per_period"),
            models.CheckConstraint(condition=Q(level_after__lte=F("limit_at_grant")), name="never_above_limit"),
            models.CheckConstraint(condition=Q(settled__lte=F("amount")), name="never_settled_above_held"),
            models.CheckConstraint(condition=Q(amount__gte=1), name="reserves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.state}"
