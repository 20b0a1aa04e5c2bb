"""Plans and usage on the wire."""

from typing import ClassVar

from rest_framework import serializers

from billing.models import Plan, Reservation
from kapture.api.serializers import CamelModelSerializer, CamelSerializer
from kapture.core.choices import UsageKind


class PlanSerializer(CamelModelSerializer):
    """A public plan; limits are units a calendar month."""

    class Meta:
        model = Plan
        fields: ClassVar = [
            "id", "slug", "name", "description", "price_cents", "scrapes", "downloads", "ai_generations", "is_default",
        ]  # fmt: skip
        read_only_fields = fields


class KindUsageSerializer(CamelSerializer):
    """One usage kind in the running month; `runsOutAt` is where the pace so far leads, null when it lasts."""

    type = serializers.ChoiceField(choices=UsageKind.choices, source="usage.kind")
    used = serializers.IntegerField(source="usage.used")
    held = serializers.IntegerField(source="usage.held")
    current = serializers.IntegerField(source="usage.current")
    limit = serializers.IntegerField(source="usage.limit")
    remaining = serializers.IntegerField(source="usage.remaining")
    resets_at = serializers.DateTimeField(source="usage.resets_at")
    runs_out_at = serializers.DateTimeField(allow_null=True)


class ReceiptSerializer(CamelModelSerializer):
    """What one piece of work held and what was charged."""

    type = serializers.CharField(source="period.kind")

    class Meta:
        model = Reservation
        fields: ClassVar = [
            "id", "source_id", "type", "amount", "settled", "state", "reason", "created_at", "ended_at",
        ]  # fmt: skip
        read_only_fields = fields


class UsageSerializer(CamelSerializer):
    """The running month and its latest receipts."""

    plan = PlanSerializer()
    kinds = KindUsageSerializer(many=True)
    receipts = ReceiptSerializer(many=True)
