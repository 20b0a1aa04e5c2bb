"""Plans on the wire: what several links would bring."""

from typing import Any

from rest_framework import serializers

from downloads.choices import Format, Kind, Quality
from downloads.planning import Item, Sheet
from downloads.preview_serializers import ProblemSerializer
from kapture.api.serializers import CamelSerializer
from kapture.jobs.models import State as JobState
from kapture.jobs.serializers import LaneField


class DecidedSerializer(CamelSerializer):
    """How it would come, and the layer that decided: this download, your rule for …, your default, or Kapture."""

    kind = serializers.ChoiceField(choices=Kind.choices, source="wish.kind")
    quality = serializers.ChoiceField(choices=Quality.choices, source="wish.quality")
    convert_to = serializers.ChoiceField(choices=Format.choices, source="wish.convert_to")
    subtitles = serializers.BooleanField()
    lane = LaneField()
    wish_by = serializers.CharField()
    subtitles_by = serializers.CharField()
    lane_by = serializers.CharField()


class PlanItemSerializer(CamelSerializer):
    """One link; figures are what the site tells, null when it does not."""

    index = serializers.IntegerField()
    url = serializers.CharField()
    pending = serializers.BooleanField(help_text="It is still being looked at.")
    possible = serializers.BooleanField(source="can_start")
    problem = ProblemSerializer(allow_null=True)
    refused = serializers.CharField(allow_blank=True, help_text="Why the link itself was refused.")
    title = serializers.CharField()
    duration = serializers.FloatField(source="about.duration", allow_null=True, default=None, help_text="Seconds.")
    size = serializers.IntegerField(allow_null=True, help_text="Bytes as wished, before conversion.")
    heights = serializers.SerializerMethodField()
    eta = serializers.FloatField(allow_null=True, help_text="Seconds at the speed of the last downloads.")
    duplicate_of = serializers.UUIDField(source="duplicate.pk", allow_null=True, default=None)
    cost = serializers.IntegerField(default=1, help_text="Units of the monthly quota.")
    decided = DecidedSerializer(allow_null=True)

    def get_heights(self, item: Item) -> list[int]:
        """The pictures the site offers, the tallest first."""
        return list(item.about.heights) if item.about else []

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Each link costs one unit once it is there."""
        return {**super().to_representation(instance), "cost": 1}


class DownloadPlanSerializer(CamelSerializer):
    """What several links would bring; `pending` of them are still being looked at. Nothing is spent."""

    id = serializers.UUIDField(source="job.pk")
    status = serializers.ChoiceField(source="job.state", choices=JobState.choices)
    pending = serializers.IntegerField()
    size = serializers.IntegerField(allow_null=True, help_text="Bytes of all that can be had, where all are known.")
    eta = serializers.FloatField(allow_null=True, help_text="Seconds, one after the other.")
    items = PlanItemSerializer(many=True)


def as_plan(sheet: Sheet) -> dict[str, Any]:
    """The plain values of a sheet."""
    return dict(DownloadPlanSerializer(sheet).data)
