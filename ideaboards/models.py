"""Boards, what they lean on, what they looked like before, and what a language model wrote for them."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q

from ideaboards.richtext import empty
from kapture.core.models import BaseModel, OwnedModel, OwnedQuerySet
from kapture.core.texts import CONFIG, Spaced
from kapture.web.shell import HUES

COLOURS = [(hue, hue.capitalize()) for hue in HUES]


class IdeaboardQuerySet(OwnedQuerySet):
    """Boards of users."""

    def open(self) -> "IdeaboardQuerySet":
        """Boards that are not archived."""
        return self.exclude(state=Ideaboard.State.ARCHIVED)


class Ideaboard(OwnedModel):
    """A page of ideas; `version` grows with each save, and a save names the version it was made from."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        ARCHIVED = "archived", "Archived"

    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, max_length=2_000)
    body = models.JSONField(default=empty, help_text="A canonical tree of ideaboards.richtext.")
    body_text = models.TextField(blank=True, help_text="The words of the body, for search and previews.")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    colour = models.CharField(max_length=10, choices=COLOURS, default=HUES[0])
    tags = ArrayField(models.CharField(max_length=50), default=list, blank=True, size=20)
    version = models.PositiveIntegerField(default=1)
    edited_at = models.DateTimeField(auto_now_add=True)
    search = models.GeneratedField(
        expression=SearchVector(Spaced("title"), config=CONFIG, weight="A")
        + SearchVector(Spaced("description"), config=CONFIG, weight="B")
        + SearchVector(Spaced("body_text"), config=CONFIG, weight="C"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects: ClassVar[Any] = IdeaboardQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-edited_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-edited_at", "-id"], name="board_owner_recent"),
            GinIndex(fields=["owner", "search", "tags"], name="board_search"),
        ]

    def __str__(self) -> str:
        return self.title


class BoardSource(BaseModel):
    """A captured post a board leans on, under the number its citations show.

    `key` is the trend's id and stays, with a copy of its title, when the trend is deleted: citations stay readable.
    """

    board = models.ForeignKey(Ideaboard, on_delete=models.CASCADE, related_name="sources")
    trend = models.ForeignKey("trends.Trend", on_delete=models.SET_NULL, null=True, related_name="+")
    key = models.UUIDField()
    n = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["board", "n"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["board", "n"], name="one_source_per_number"),
            models.UniqueConstraint(fields=["board", "key"], name="one_number_per_source"),
        ]

    def __str__(self) -> str:
        return f"[{self.n}] {self.title}"


class BoardVersion(BaseModel):
    """What a board looked like; saves that follow each other closely share one."""

    class Reason(models.TextChoices):
        CREATED = "created", "Created"
        DRAFTED = "drafted", "Drafted from trends"
        EDITED = "edited", "Edited"
        INSERTED = "inserted", "Idea inserted"
        RESTORED = "restored", "Restored"

    board = models.ForeignKey(Ideaboard, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    reason = models.CharField(max_length=10, choices=Reason)
    title = models.CharField(max_length=200)
    body = models.JSONField()
    words = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["board", "-number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["board", "number"], name="one_row_per_version")]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"


class Generation(OwnedModel):
    """One order to the language model and what came of it; its id names the hold in the usage ledger.

    For a whole board that id is the job's. `lines` holds text, section, trend (id or null), quote and supported.
    """

    class Kind(models.TextChoices):
        HOOK = "hook", "Hooks"
        TITLE = "title", "Titles"
        SCRIPT = "script", "Script"
        DESCRIPTION = "description", "Description"
        HASHTAGS = "hashtags", "Hashtags"
        IDEABOARD = "ideaboard", "Ideaboard"

    class State(models.TextChoices):
        RUNNING = "running", "Writing"
        COMPLETED = "completed", "Completed"
        STOPPED = "stopped", "Stopped"
        FAILED = "failed", "Failed"

    board = models.ForeignKey(Ideaboard, on_delete=models.SET_NULL, null=True, blank=True, related_name="generations")
    kind = models.CharField(max_length=12, choices=Kind)
    prompt = models.TextField(blank=True)
    spec = models.JSONField(default=dict, blank=True, help_text="Tone, audience, language, count and trend ids.")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.CharField(max_length=300, blank=True)
    title = models.CharField(max_length=300, blank=True)
    lines = models.JSONField(default=list, blank=True)
    text = models.TextField(blank=True)
    shortened = models.BooleanField(default=False, help_text="The length limit was reached.")
    model = models.CharField(max_length=100, blank=True)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    tokens_estimated = models.BooleanField(default=False, help_text="The provider sent no count.")
    cost_micro_usd = models.BigIntegerField(
        null=True, blank=True, help_text="Millionths of a US dollar; empty when the price is not known."
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-created_at", "-id"], name="generation_owner_recent"),
            models.Index(fields=["board", "-created_at"], name="generation_board_recent"),
            models.Index(fields=["owner"], name="generation_running", condition=Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
