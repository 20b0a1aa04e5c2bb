"""Saved searches that run by themselves, the rules that raise alerts, and whether those were right."""

import secrets
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from kapture.core.choices import Platform
from kapture.core.models import BaseModel, OwnedModel
from kapture.gateways.scraping import DateRange


def new_secret() -> str:
    """A secret to sign with, in the form of Standard Webhooks."""
    return "whsec_" + secrets.token_hex(24)


class Watch(OwnedModel):
    """A search that is made again and again.

    It runs every `every_minutes`, or at the times of `cron` (five fields, UTC) when that is given. `next_run_at` is its
    next slot, moved in the transaction that starts the run of a slot; none while paused. What it found since `seen_at`
    is new to its owner.
    """

    class State(models.TextChoices):
        """Whether it runs."""

        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"

    name = models.CharField(max_length=80)
    platforms = ArrayField(models.CharField(max_length=10, choices=Platform))
    keywords = ArrayField(models.CharField(max_length=100))
    limit = models.PositiveSmallIntegerField()
    date_range = models.CharField(max_length=3, choices=DateRange, blank=True)
    min_views = models.BigIntegerField(null=True, blank=True)
    language = models.CharField(max_length=3, blank=True)

    every_minutes = models.PositiveIntegerField(default=240)
    cron = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    next_run_at = models.DateTimeField(null=True, blank=True)
    last_run_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(help_text="What was found later is new to its owner.")

    mails = models.BooleanField(default=False, help_text="Alerts also by e-mail.")
    webhook_url = models.TextField(blank=True, help_text="Alerts are also posted there, signed.")
    webhook_secret = models.CharField(max_length=100, default=new_secret, editable=False)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        verbose_name_plural = "watches"
        indexes: ClassVar = [
            models.Index("owner", F("created_at").desc(), F("id").desc(), name="watch_recent"),
            models.Index(fields=["next_run_at"], name="watch_due", condition=Q(state="active")),
        ]

    def __str__(self) -> str:
        return self.name


class WatchRun(BaseModel):
    """What became of one slot of a watch, or of a run by hand; a slot has one run however often the clock ticks."""

    class State(models.TextChoices):
        """What became of it."""

        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        SKIPPED = "skipped", "Skipped"

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="runs", db_index=False)
    slot = models.DateTimeField()
    by_hand = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    note = models.CharField(max_length=300, blank=True, help_text="Why it was skipped or failed.")
    found = models.PositiveIntegerField(default=0, help_text="Posts it met.")
    fresh = models.PositiveIntegerField(default=0, help_text="Of these, posts the watch had not met before.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-slot"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["watch", "slot"], name="one_run_per_slot")]
        indexes: ClassVar = [models.Index(fields=["watch"], name="run_at_work", condition=Q(state="running"))]

    def __str__(self) -> str:
        return f"{self.slot:%Y-%m-%d %H:%M}"


class WatchTrend(models.Model):
    """A trend that a watch met, and when it did first."""

    id = models.BigAutoField(primary_key=True)
    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="met", db_index=False)
    trend = models.ForeignKey("trends.Trend", on_delete=models.CASCADE, related_name="met_by")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["watch", "trend"], name="met_once")]
        indexes: ClassVar = [models.Index(fields=["watch", "-at"], name="watch_news")]

    def __str__(self) -> str:
        return f"{self.watch_id} met {self.trend_id}"


class Metric(models.TextChoices):
    """What a rule looks at; each is a column of a snapshot."""

    SCORE = "score", "Score"
    MULTIPLE = "multiple", "Multiple of the usual"
    VELOCITY = "velocity", "Views an hour"
    REACH = "reach", "Views"


class Rule(BaseModel):
    """When a watch raises an alert: the first look at which a post's metric reaches `at_least`, once for each post."""

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="rules")
    metric = models.CharField(max_length=10, choices=Metric)
    at_least = models.FloatField()
    is_on = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} ≥ {self.at_least:g}"


class Alert(OwnedModel):
    """A rule's claim that a post goes on rising, with what was known when it was made."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="alerts", db_index=False)
    trend = models.ForeignKey("trends.Trend", on_delete=models.CASCADE, related_name="alerts")
    raised_at = models.DateTimeField()
    value = models.FloatField(help_text="The rule's metric at that look.")
    reach = models.BigIntegerField(help_text="The post's reach at that look.")

    class Meta:
        ordering: ClassVar = ["-raised_at", "-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["rule", "trend"], name="one_alert_per_post")]
        indexes: ClassVar = [models.Index("owner", F("raised_at").desc(), F("id").desc(), name="alert_recent")]

    def __str__(self) -> str:
        return f"{self.raised_at:%Y-%m-%d %H:%M}"


class Mark(BaseModel):
    """The grade of an alert after some hours: whether the post's reach grew to `target` by then."""

    class State(models.TextChoices):
        """How far the grading is."""

        WAITING = "waiting", "Waiting"
        HIT = "hit", "Hit"
        MISS = "miss", "Miss"
        # The post could not be measured in time: gone, private, or no provider answered.
        UNKNOWN = "unknown", "Unknown"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="marks", db_index=False)
    hours = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    target = models.BigIntegerField(help_text="The reach that makes it a hit.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reach = models.BigIntegerField(null=True, blank=True)
    measured_at = models.DateTimeField(null=True, blank=True)
    look = models.ForeignKey("trends.Scrape", on_delete=models.SET_NULL, null=True, blank=True, related_name="marks")

    class Meta:
        ordering: ClassVar = ["hours"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["alert", "hours"], name="one_mark_per_horizon")]
        indexes: ClassVar = [models.Index(fields=["due_at"], name="mark_due", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.hours} h: {self.state}"
