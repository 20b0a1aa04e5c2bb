"""The job row: the queue of record. Messages only hint that a row is due."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kapture.core.models import BaseModel, OwnedQuerySet


class State(models.TextChoices):
    """Where a job stands; the last three are ends."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE = (State.QUEUED, State.RUNNING)


class JobQuerySet(OwnedQuerySet):
    """Jobs of users."""

    def active(self) -> "JobQuerySet":
        """Jobs that have not ended."""
        return self.filter(state__in=ACTIVE)


class Job(BaseModel):
    """One piece of long work, from the accepted request to its single end.

    A worker owns it between `claim` and `lease_until`; `fence` grows with each owner, and every write of an owner names
    its fence, so a worker that was thought dead can change nothing when it comes back.
    """

    # Work and what it cost must not vanish with an account; deleting one is a procedure of its own. Work of the machine
    # itself (applying a webhook event) has no owner.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=300, blank=True)
    subject_id = models.UUIDField(null=True, blank=True, db_index=True)
    payload = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)

    progress = models.FloatField(null=True, blank=True, help_text="0 to 1; empty when it cannot be told.")
    stage = models.CharField(max_length=120, blank=True)
    facts = models.JSONField(default=dict, blank=True, help_text="What is shown live: bytes, total, speed, eta, …")
    result = models.JSONField(default=dict, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    remedy = models.TextField(blank=True)

    attempt = models.PositiveSmallIntegerField(default=0, help_text="Starts, not failures.")
    max_attempts = models.PositiveSmallIntegerField(default=3)
    fence = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    run_after = models.DateTimeField(db_default=Now())
    deadline_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-created_at", "-id"], name="job_owner_recent"),
            models.Index(
                fields=["owner", "kind"], name="job_owner_active", condition=Q(state__in=["queued", "running"])
            ),
            models.Index(fields=["run_after"], name="job_due", condition=Q(state="queued")),
            models.Index(fields=["lease_until"], name="job_leased", condition=Q(state="running")),
            models.Index(fields=["owner", "-finished_at"], name="job_owner_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return self.state in ACTIVE

    @property
    def percent(self) -> int | None:
        """Progress in whole per cent, or None when it cannot be told."""
        return None if self.progress is None else round(100 * self.progress)


class JobEvent(models.Model):
    """One step in a job's life."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(db_default=Now())
    what = models.CharField(max_length=20, help_text="queued, started, requeued, completed, failed or cancelled.")
    attempt = models.PositiveSmallIntegerField(default=0)
    terminal = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job"], condition=Q(terminal=True), name="job_ends_once"),
        ]

    def __str__(self) -> str:
        return f"{self.what} ({self.attempt})"
