"""Downloads: what was asked for, and what the file turned out to be."""

from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from downloads.choices import Format, Kind, Quality, State
from kapture.core.choices import Platform
from kapture.core.models import BaseModel, OwnedQuerySet
from kapture.core.texts import CONFIG, Spaced


class DownloadQuerySet(OwnedQuerySet):
    """Downloads of users; who asks for somebody's gets those that are not in the trash."""

    def for_user(self, user: Any) -> Self:
        """The downloads of one user that are not in the trash."""
        return super().for_user(user).filter(trashed_at=None)

    def in_trash(self, user: Any) -> Self:
        """The downloads of one user that are in the trash."""
        return super().for_user(user).filter(trashed_at__isnull=False)


class Download(BaseModel):
    """One wish for the media at one address.

    `job` is the attempt that counts now; a retry puts a new one in its place. `state` moves only in the transactions
    in which that job is made and ends, so the two cannot differ. Facts of the file are read from the file itself.
    """

    # Every read goes through one of the indexes below, which begin with the owner.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    job = models.OneToOneField("jobs.Job", on_delete=models.PROTECT, related_name="download")
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    trend = models.ForeignKey(
        "trends.Trend", on_delete=models.SET_NULL, null=True, blank=True, related_name="downloads"
    )

    url = models.TextField(help_text="What was asked for, in one plain spelling.")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.VIDEO)
    quality = models.CharField(max_length=10, choices=Quality, default=Quality.BEST)
    convert_to = models.CharField(max_length=10, choices=Format, blank=True, default=Format.KEEP)
    subtitles = models.BooleanField(default=False, help_text="Captions are wanted, too.")
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="clips",
        help_text="What it is a clip of.",
    )
    clip_start_s = models.FloatField(null=True, blank=True)
    clip_end_s = models.FloatField(null=True, blank=True)
    chapters = models.JSONField(default=list, blank=True, help_text="As the site names them: [title, start, end].")

    platform = models.CharField(max_length=10, choices=Platform, blank=True)
    title = models.TextField(blank=True)
    author = models.TextField(blank=True)
    webpage_url = models.TextField(blank=True, help_text="The page, as the site names it.")
    poster_url = models.TextField(blank=True, help_text="The site's own picture, shown until ours is made.")

    duration_s = models.FloatField(null=True, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    container = models.CharField(max_length=20, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    video_codec = models.CharField(max_length=40, blank=True)
    audio_codec = models.CharField(max_length=40, blank=True)
    size = models.BigIntegerField(null=True, blank=True, help_text="Bytes.")
    sha256 = models.CharField(max_length=64, blank=True)
    media = models.ForeignKey(
        "objects.StoredObject", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    thumbnail = models.ForeignKey(
        "objects.StoredObject", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    completed_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=60, blank=True, help_text="Why it failed, in the word that groups failures.")
    expired_at = models.DateTimeField(null=True, blank=True, help_text="When its file had to go; the record stays.")
    trashed_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was put into the trash, which is emptied after 30 days."
    )

    search = models.GeneratedField(
        expression=SearchVector(Spaced("title"), config=CONFIG, weight="A")
        + SearchVector(Spaced("author"), config=CONFIG, weight="B")
        + SearchVector("url", config=CONFIG, weight="C"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = DownloadQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index("owner", F("created_at").desc(), F("id").desc(), name="download_recent"),
            # With size and trash, so that the figures above the list come from the index alone.
            models.Index(
                fields=["owner", "state", "-created_at", "-id"],
                include=["size", "trashed_at"],
                name="download_by_state",
            ),
            models.Index(fields=["owner", "sha256"], name="download_by_hash", condition=~Q(sha256="")),
            models.Index(fields=["owner", "reason"], name="download_by_reason", condition=Q(state="failed")),
            models.Index(fields=["trashed_at"], name="download_trash", condition=Q(trashed_at__isnull=False)),
            models.Index(
                fields=["owner", "-trashed_at"], name="download_in_trash", condition=Q(trashed_at__isnull=False)
            ),
            models.Index(fields=["completed_at", "owner"], name="download_kept", condition=Q(media__isnull=False)),
            GinIndex(fields=["owner", "search"], name="download_search"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state="completed") | Q(size__isnull=False, completed_at__isnull=False),
                name="completed_download_has_facts",
            ),
        ]

    def __str__(self) -> str:
        return self.headline

    @property
    def headline(self) -> str:
        """What stands for it in one line: its title, else its address without the scheme."""
        return self.title or short(self.url)

    @property
    def picture(self) -> str:
        """Where a small picture of it is: ours when there is one, else the site's own; empty for none."""
        if self.thumbnail_id:
            return reverse("downloads:thumbnail", args=[self.pk])
        # Pages may show foreign pictures over https only, and those of the origins named in the policy.
        sources = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"]
        shown = ("https://", *(f"{source}/" for source in sources if source.startswith("http://")))
        return self.poster_url if self.poster_url.startswith(shown) else ""

    @property
    def source_url(self) -> str:
        """The page to open to see it at its source; only web links, whatever a site said."""
        return self.webpage_url if self.webpage_url.startswith(("https://", "http://")) else self.url

    @property
    def player(self) -> str:
        """What plays it: video, audio or image (an animated GIF is a picture)."""
        return self.content_type.partition("/")[0] or self.kind

    @property
    def is_clip(self) -> bool:
        """Whether it was cut from another download rather than fetched."""
        return self.clip_start_s is not None

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return self.state == State.ACTIVE

    @property
    def format_words(self) -> str:
        """Its format for people: of the file when there is one, else of the wish."""
        if self.container:
            lines = f"{self.lines}p" if self.kind == Kind.VIDEO and self.lines else ""
            return " · ".join(filter(None, (lines, self.container.upper())))
        wanted = self.get_convert_to_display() if self.convert_to else ""
        if self.kind != Kind.VIDEO:
            return " · ".join(filter(None, (str(self.get_kind_display()), wanted)))
        best = "Best video" if self.quality == Quality.BEST else str(self.get_quality_display())
        return " · ".join(filter(None, (best, wanted)))

    @property
    def lines(self) -> int | None:
        """The shorter side of the picture, which is what 1080p counts whether it stands or lies."""
        return min(self.width, self.height) if self.width and self.height else None


def short(url: str) -> str:
    """An address as a name: host and path, at most 80 characters."""
    parts = urlsplit(url)
    text = f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}{'?' + parts.query if parts.query else ''}"
    return text if len(text) <= 80 else f"{text[:79]}…"
