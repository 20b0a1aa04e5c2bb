"""The job row: the queue of record. Messages only hint that a row is due."""

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q, UUIDField, Value
from django.db.models.functions import Coalesce, Now

from kapture.core.models import BaseModel, OwnedQuerySet
from kapture.jobs.lanes import Lane
from kapture.web.formats import duration, filesize_of, filesize_si, grouped


class State(models.TextChoices):
    """Where a job stands; the last three are ends."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE = (State.QUEUED, State.RUNNING)
# Stands for the owner of ownerless work in an index, where NULL could not be walked past.
NOBODY = UUID(int=0)


class JobQuerySet(OwnedQuerySet):
    """Jobs of users."""

    def active(self) -> "JobQuerySet":
        """Jobs that have not ended."""
        return self.filter(state__in=ACTIVE)


class Job(BaseModel):
    """One piece of long work, from the accepted request to its single end.

    A worker owns it between `claim` and `lease_until`; `fence` grows with each owner, and every write of an owner names
    its fence, so a worker that was thought dead can change nothing when it comes back.

    `held_at` on a waiting job means paused; on a running one it asks the worker to give the job back. A waiting job
    with `dispatched_at` occupies one of its owner's places until it is claimed, held, given back or ends.
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
    lane = models.PositiveSmallIntegerField(choices=Lane, default=Lane.NORMAL, db_default=Lane.NORMAL)
    held_at = models.DateTimeField(null=True, blank=True, help_text="Since when it is paused.")
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
            # Whose turn it is: walked from owner to owner, and along each owner's own line.
            models.Index(
                F("lane"),
                Coalesce(F("owner"), Value(NOBODY), output_field=UUIDField()),
                F("kind"),
                F("run_after"),
                F("id"),
                name="job_turns",
                condition=Q(state="queued", dispatched_at__isnull=True, held_at__isnull=True),
            ),
            models.Index(
                fields=["dispatched_at"], name="job_sent", condition=Q(state="queued", dispatched_at__isnull=False)
            ),
            models.Index(fields=["held_at"], name="job_held", condition=Q(state="queued", held_at__isnull=False)),
            models.Index(
                fields=["run_after"], name="job_night", condition=Q(state="queued", lane=2, held_at__isnull=True)
            ),
            models.Index(fields=["owner", "-finished_at"], name="job_owner_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return self.state in ACTIVE

    @property
    def is_held(self) -> bool:
        """Whether it is paused, or asked to pause."""
        return self.held_at is not None

    @property
    def percent(self) -> int | None:
        """Progress in whole per cent, or None when it cannot be told."""
        return None if self.progress is None else round(100 * self.progress)

    @property
    def figures(self) -> dict[str, str]:
        """What is shown of a running job beside its progress, in words: bytes, speed, eta and count, "" if unknown."""
        facts = self.facts if self.state == State.RUNNING else {}
        size, total, speed, eta, count = (facts.get(name) for name in ("bytes", "total", "speed", "eta", "count"))
        return {
            "bytes": (filesize_of(size, total) if total and total >= size else filesize_si(size)) if size else "",
            "speed": f"{filesize_si(speed)}/s" if speed else "",
            "eta": f"{duration(eta)} left" if eta is not None else "",
            "count": grouped(count) if count else "",
        }


class JobEvent(models.Model):
    """One step in a job's life."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(db_default=Now())
    what = models.CharField(
        max_length=20, help_text="queued, started, requeued, paused, resumed, hurried, completed, failed or cancelled."
    )
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
