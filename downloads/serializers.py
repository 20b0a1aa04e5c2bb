"""Downloads on the wire."""

from typing import Any, ClassVar

from django.conf import settings
from rest_framework import serializers

from downloads.choices import Format, Kind, Quality
from downloads.models import Download
from downloads.specs import MAX_BULK, MAX_REASON, DownloadQuery, DownloadSpec, Wish
from kapture.api.serializers import CamelModelSerializer, CamelSerializer
from kapture.core.choices import Platform
from kapture.core.errors import DomainError
from kapture.gateways.egress import MAX_URL_LENGTH
from kapture.jobs.models import State as JobState
from kapture.jobs.serializers import JobErrorSerializer, JobSerializer, LaneField, error_of
from kapture.objects.services import link, suffix_of


class FileSerializer(CamelSerializer):
    """Addresses of the file that work without signing in, for a short while."""

    url = serializers.CharField(help_text="Shows the file.")
    save_url = serializers.CharField(help_text="Saves the file under a readable name.")
    expires_in = serializers.IntegerField(help_text="Seconds.")


class DownloadSerializer(CamelModelSerializer):
    """A download as its owner sees it."""

    status = serializers.ChoiceField(source="job.state", choices=JobState.choices, read_only=True)
    progress = serializers.FloatField(source="job.progress", read_only=True, allow_null=True)
    stage = serializers.CharField(source="job.stage", read_only=True)
    job_id = serializers.UUIDField(read_only=True)
    trend_id = serializers.UUIDField(read_only=True, allow_null=True)
    title = serializers.CharField(source="headline", read_only=True)
    duration = serializers.FloatField(source="duration_s", read_only=True, allow_null=True, help_text="Seconds.")
    parent_id = serializers.UUIDField(read_only=True, allow_null=True, help_text="What it is a clip of.")
    clip_start = serializers.FloatField(source="clip_start_s", read_only=True, allow_null=True, help_text="Seconds.")
    clip_end = serializers.FloatField(source="clip_end_s", read_only=True, allow_null=True, help_text="Seconds.")
    lane = LaneField(source="job.lane", read_only=True)
    paused = serializers.BooleanField(source="job.is_held", read_only=True)
    error = serializers.SerializerMethodField()

    class Meta:
        model = Download
        fields: ClassVar = [
            "id", "status", "progress", "stage", "lane", "paused", "error", "url", "kind", "quality", "convert_to",
            "subtitles", "platform", "title", "author", "webpage_url", "duration", "width", "height", "container",
            "content_type", "video_codec", "audio_codec", "size", "sha256", "trend_id", "parent_id", "clip_start",
            "clip_end", "job_id", "created_at", "completed_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_error(self, download: Download) -> JobErrorSerializer(allow_null=True):  # type: ignore[valid-type]
        """Null unless it failed."""
        return error_of(download.job)


class DownloadDetailSerializer(DownloadSerializer):
    """A download with short-lived links to its file, once there is one."""

    file = serializers.SerializerMethodField()

    class Meta(DownloadSerializer.Meta):
        fields: ClassVar = [*DownloadSerializer.Meta.fields, "file"]
        read_only_fields = fields

    def get_file(self, download: Download) -> FileSerializer(allow_null=True):  # type: ignore[valid-type]
        """Null until it completed."""
        if download.media is None:
            return None
        absolute = self.context["request"].build_absolute_uri
        return {
            "url": absolute(link(download.media)),
            "saveUrl": absolute(link(download.media, filename=file_name(download), inline=False)),
            "expiresIn": settings.MEDIA_LINK_SECONDS,
        }


def file_name(download: Download) -> str:
    """The name under which a file is saved: title and suffix."""
    return f"{download.headline[:120]}{suffix_of(download.content_type)}"


class RequestSerializer(CamelSerializer):
    """One link or one trend, and how it is wanted. What is left out, the caller's policies decide; without one a link
    is taken as video, and a trend as what it is.
    """

    url = serializers.CharField(required=False, max_length=2 * MAX_URL_LENGTH)
    trend_id = serializers.UUIDField(required=False)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    quality = serializers.ChoiceField(choices=Quality.choices, required=False)
    convert_to = serializers.ChoiceField(choices=Format.choices, required=False, allow_blank=True)
    subtitles = serializers.BooleanField(required=False)
    lane = LaneField(required=False)


class BulkSerializer(CamelSerializer):
    """Several at once."""

    items = RequestSerializer(many=True, min_length=1, max_length=MAX_BULK)  # type: ignore[call-arg]


class AcceptedSerializer(CamelSerializer):
    """What was accepted, and the job that does it."""

    download = DownloadSerializer()
    job = JobSerializer()


class ItemErrorSerializer(CamelSerializer):
    """Why an item was refused."""

    code = serializers.CharField()
    message = serializers.CharField()
    details = serializers.JSONField(allow_null=True)


class OutcomeSerializer(CamelSerializer):
    """What became of one item: a download, or an error."""

    index = serializers.IntegerField(help_text="Position in the request, from 0.")
    download = DownloadSerializer(allow_null=True)
    error = serializers.SerializerMethodField()

    def get_error(self, outcome: Any) -> ItemErrorSerializer(allow_null=True):  # type: ignore[valid-type]
        """Null when the item was accepted."""
        error: DomainError | None = outcome.error
        if error is None:
            return None
        return {"code": error.code, "message": error.message, "details": error.details}


class BulkAnswerSerializer(CamelSerializer):
    """An outcome for each item, in order."""

    accepted = serializers.IntegerField()
    refused = serializers.IntegerField()
    outcomes = OutcomeSerializer(many=True)


class QuerySerializer(CamelSerializer):
    """Filters of the list."""

    status = serializers.ChoiceField(choices=JobState.choices, required=False)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    platform = serializers.ChoiceField(choices=Platform.choices, required=False)
    reason = serializers.CharField(required=False, max_length=MAX_REASON, help_text="Of a failure, as `error.code`.")
    q = serializers.CharField(required=False, max_length=200)


def as_query(values: dict[str, Any]) -> DownloadQuery:
    """The query of checked parameters."""
    return DownloadQuery(
        job_state=JobState(values["status"]) if "status" in values else None,
        kind=Kind(values["kind"]) if "kind" in values else None,
        platforms=(Platform(values["platform"]),) if "platform" in values else (),
        reason=values.get("reason", ""),
        q=values.get("q", ""),
    )


def as_spec(values: dict[str, Any]) -> DownloadSpec:
    """The spec of a checked body; raises `InvalidInput` for what only the whole shows."""
    wished = {"kind", "quality", "convert_to"} & values.keys()
    wish = Wish(
        kind=Kind(values.get("kind", Kind.VIDEO)),
        quality=Quality(values.get("quality", Quality.BEST)),
        convert_to=Format(values.get("convert_to", Format.KEEP)),
    )
    return DownloadSpec(
        url=values.get("url", ""),
        trend_id=values.get("trend_id"),
        wish=wish if wished else None,
        subtitles=values.get("subtitles"),
        lane=values.get("lane"),
    )
