"""What is said in a download, line by line."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

from kapture.core.models import BaseModel, OwnedQuerySet
from kapture.core.texts import CONFIG, Spaced


class Caption(BaseModel):
    """The captions of a download in one language: the file that a player reads, and its lines for searching."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    download = models.ForeignKey("downloads.Download", on_delete=models.CASCADE, related_name="captions")
    language = models.CharField(max_length=20, help_text="As the site names it: en, pt-BR, zh-Hans.")
    automatic = models.BooleanField(default=False, help_text="Made by a machine, as the site says.")
    file = models.ForeignKey("objects.StoredObject", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    cues = models.JSONField(default=list, blank=True, help_text="Lines in order: [start, end, text], in seconds.")
    text = models.TextField(blank=True, help_text="All lines, for searching.")

    search = models.GeneratedField(
        expression=SearchVector(Spaced("text"), config=CONFIG), output_field=SearchVectorField(), db_persist=True
    )

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["automatic", "language"]
        indexes: ClassVar = [GinIndex(fields=["owner", "search"], name="caption_search")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["download", "language", "automatic"], name="one_caption_a_language"),
        ]

    def __str__(self) -> str:
        return f"{self.language}{' (automatic)' if self.automatic else ''}"
