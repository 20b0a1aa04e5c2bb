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
    """One usage kind in the running month."""

    type = serializers.ChoiceField(choices=UsageKind.choices, source="kind")
    used = serializers.IntegerField()
    held = serializers.IntegerField()
    current = serializers.IntegerField()
    limit = serializers.IntegerField()
    remaining = serializers.IntegerField()
    resets_at = serializers.DateTimeField()


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
