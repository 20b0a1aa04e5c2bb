"""What a post was when it was captured."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from kapture.core.models import BaseModel, OwnedQuerySet


class Evidence(BaseModel):
    """The page, its figures and the checksum of the file as they were at capture; written once, never changed."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    download = models.OneToOneField("downloads.Download", on_delete=models.CASCADE, related_name="evidence")
    captured_at = models.DateTimeField()
    url = models.TextField(help_text="Where the page was, after redirects.")
    title = models.TextField(blank=True)
    author = models.TextField(blank=True)
    text = models.TextField(blank=True, help_text="The description on the page, cut at 20,000 characters.")
    published_at = models.DateTimeField(null=True, blank=True)
    metrics = models.JSONField(default=dict, blank=True, help_text="Counters as the site told them: views, likes, …")
    media_sha256 = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, help_text="SHA-256 of all of the above in one canonical form.")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-captured_at"]

    def __str__(self) -> str:
        return self.title or self.url
