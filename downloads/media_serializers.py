"""Transcript, evidence and clips on the wire."""

from typing import Any

from rest_framework import serializers

from downloads.captions import LONGEST_FIND, Line
from downloads.choices import Format
from downloads.clipping import KINDS, ClipSpec
from downloads.evidence import Verdict, statement
from downloads.models import Evidence
from kapture.api.serializers import CamelSerializer

CLIP_FORMATS = [(one.value, one.label) for one in KINDS]


class TranscriptQuerySerializer(CamelSerializer):
    """Which language, which words, which part of the lines."""

    language = serializers.CharField(required=False, max_length=20)
    q = serializers.CharField(required=False, max_length=LONGEST_FIND)
    part = serializers.IntegerField(required=False, min_value=1, max_value=10_000)


class TranscriptLineSerializer(CamelSerializer):
    """One line of what is said."""

    number = serializers.IntegerField(help_text="Its place among all lines, from 0.")
    start = serializers.FloatField(help_text="Seconds.")
    end = serializers.FloatField(help_text="Seconds.")
    text = serializers.SerializerMethodField()
    hits = serializers.SerializerMethodField(help_text="Where the words were found, as [from, to) in characters.")

    def get_text(self, line: Line) -> str:
        """What is said."""
        return "".join(piece.text for piece in line.pieces)

    def get_hits(self, line: Line) -> list[list[int]]:
        """Where the words were found."""
        found, place = [], 0
        for piece in line.pieces:
            if piece.is_hit:
                found.append([place, place + len(piece.text)])
            place += len(piece.text)
        return found


class TranscriptSerializer(CamelSerializer):
    """A part of the lines of one language, or those in which the words were found."""

    id = serializers.UUIDField(source="caption.pk")
    language = serializers.CharField(source="caption.language")
    automatic = serializers.BooleanField(source="caption.automatic", help_text="Made by a machine.")
    languages = serializers.ListField(child=serializers.CharField())
    lines = TranscriptLineSerializer(many=True)
    found = serializers.IntegerField(source="hits", help_text="How often the words were found; 0 without words.")
    is_cut = serializers.BooleanField(help_text="Whether there are more places than are told.")
    part = serializers.IntegerField()
    parts = serializers.IntegerField()


class VerdictSerializer(CamelSerializer):
    """What a verification found just now."""

    seal = serializers.BooleanField(help_text="The digest is that of the statement.")
    media = serializers.BooleanField(allow_null=True, help_text="The stored file has the checksum; null: not kept.")
    was_read = serializers.BooleanField(help_text="Whether the stored file was read for it; files over 64 MB are not.")


class StatementSerializer(CamelSerializer):
    """What the page showed at the capture."""

    form = serializers.CharField(help_text="kapture.evidence.1")
    captured_at = serializers.CharField()
    url = serializers.CharField()
    title = serializers.CharField()
    author = serializers.CharField()
    text = serializers.CharField()
    published_at = serializers.CharField(allow_null=True)
    metrics = serializers.DictField(child=serializers.IntegerField())
    media_sha256 = serializers.CharField()


class EvidenceSerializer(CamelSerializer):
    """The statement, its seal, and what computing both again found.

    The digest is SHA-256 over the statement as JSON in UTF-8: keys in order, no spaces, nothing escaped beyond need.
    """

    download_id = serializers.UUIDField()
    statement = StatementSerializer()
    digest = serializers.CharField()
    verdict = VerdictSerializer()


def as_evidence(row: Evidence, verdict: Verdict) -> dict[str, Any]:
    """The values of the answer."""
    told = statement(row)
    renamed = {"captured_at": "capturedAt", "published_at": "publishedAt", "media_sha256": "mediaSha256"}
    values = {**told, **{name: told[wire] for name, wire in renamed.items()}}
    return {"download_id": row.download_id, "statement": values, "digest": row.digest, "verdict": verdict}


class ClipSerializer(CamelSerializer):
    """From and to in seconds, and the format."""

    start = serializers.FloatField(min_value=0)
    end = serializers.FloatField(min_value=0)
    format = serializers.ChoiceField(choices=CLIP_FORMATS, required=False)


def as_clip(values: dict[str, Any]) -> ClipSpec:
    """The spec of a checked body; raises `InvalidInput` for a stretch that no clip can have."""
    return ClipSpec(values["start"], values["end"], Format(values.get("format", Format.MP4)))
