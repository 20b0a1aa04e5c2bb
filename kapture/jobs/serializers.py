"""Jobs on the wire."""

from typing import Any, ClassVar

from rest_framework import serializers

from kapture.api.serializers import CamelModelSerializer, CamelSerializer
from kapture.jobs.lanes import Lane
from kapture.jobs.models import Job


class LaneField(serializers.ChoiceField):
    """A lane: `now` goes before others of its owner, `normal` in turn, `night` between 01:00 and 06:00 UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[(lane.name.lower(), lane.label) for lane in Lane], **options)

    def to_representation(self, value: Any) -> str:
        """The name."""
        return Lane(value).name.lower()

    def to_internal_value(self, data: Any) -> Any:
        """The lane."""
        return Lane[super().to_internal_value(data).upper()]


class JobErrorSerializer(CamelSerializer):
    """Why a job failed and what helps."""

    code = serializers.CharField()
    message = serializers.CharField()
    remedy = serializers.CharField(allow_blank=True)


def error_of(job: Job) -> dict[str, str] | None:
    """Why a job failed, as `JobErrorSerializer` describes it; None unless it did."""
    if not job.error_code:
        return None
    return {"code": job.error_code, "message": job.error_message, "remedy": job.remedy}


class JobSerializer(CamelModelSerializer):
    """A job as its owner sees it."""

    error = serializers.SerializerMethodField()
    lane = LaneField(read_only=True)
    paused = serializers.BooleanField(source="is_held", read_only=True)

    class Meta:
        model = Job
        fields: ClassVar = [
            "id", "kind", "title", "state", "progress", "stage", "facts", "result", "error", "subject_id", "attempt",
            "max_attempts", "cancel_requested", "lane", "paused", "created_at", "started_at", "finished_at",
            "deadline_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_error(self, job: Job) -> JobErrorSerializer(allow_null=True):  # type: ignore[valid-type]
        """Null until the job failed."""
        return error_of(job)


class CancelSerializer(CamelSerializer):
    """Which jobs to cancel: one id or up to 100."""

    job_id = serializers.UUIDField(required=False)
    job_ids = serializers.ListField(child=serializers.UUIDField(), required=False, min_length=1, max_length=100)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of the two."""
        if ("job_id" in attrs) == ("job_ids" in attrs):
            raise serializers.ValidationError({"jobId": ["Give either jobId or jobIds."]})
        return attrs


class CancelledSerializer(CamelSerializer):
    """What became of one job."""

    id = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=["cancelled", "stopping", "ended", "not_found"])


class CancelAnswerSerializer(CamelSerializer):
    """An outcome for each job named."""

    jobs = CancelledSerializer(many=True)
