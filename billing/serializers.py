"""Plans, usage, the subscription and invoices on the wire."""

from typing import ClassVar

from rest_framework import serializers

from billing.history import Month
from billing.invoices import safe_link
from billing.models import Invoice, Plan, Reservation, SubscriptionStatus, TopUpPack
from kapture.api.serializers import CamelModelSerializer, CamelSerializer
from kapture.core.choices import UsageKind


class PlanSerializer(CamelModelSerializer):
    """A plan; limits are units a calendar month, `retentionDays` is null where media is kept.

    `isForSale` tells whether `POST /api/billing/checkout` takes it.
    """

    flags = serializers.ListField(child=serializers.CharField(), read_only=True)
    currency = serializers.CharField(default="usd", read_only=True)
    is_for_sale = serializers.SerializerMethodField("get_is_for_sale")

    class Meta:
        model = Plan
        fields: ClassVar = [
            "id", "slug", "name", "description", "price_cents", "currency", "scrapes", "downloads", "ai_generations",
            "concurrent_downloads", "requests_per_minute", "storage_bytes", "retention_days", "flags", "is_default",
            "is_for_sale",
        ]  # fmt: skip
        read_only_fields = fields

    def get_is_for_sale(self, plan: Plan) -> bool:
        """Whether it has a price at Stripe and is on offer."""
        return plan.is_public and bool(plan.stripe_price_id)


class PackSerializer(CamelModelSerializer):
    """Units sold once, which stay until they are used."""

    type = serializers.ChoiceField(choices=UsageKind.choices, source="kind", read_only=True)
    currency = serializers.CharField(default="usd", read_only=True)
    is_for_sale = serializers.SerializerMethodField("get_is_for_sale")

    class Meta:
        model = TopUpPack
        fields: ClassVar = ["id", "name", "type", "units", "price_cents", "currency", "is_for_sale"]
        read_only_fields = fields

    def get_is_for_sale(self, pack: TopUpPack) -> bool:
        """Whether it has a price at Stripe and is on offer."""
        return pack.is_public and bool(pack.stripe_price_id)


class KindUsageSerializer(CamelSerializer):
    """One usage kind in the running month; `remaining` counts top-ups in, `runsOutAt` is null when the month lasts."""

    type = serializers.ChoiceField(choices=UsageKind.choices, source="usage.kind")
    used = serializers.IntegerField(source="usage.used")
    held = serializers.IntegerField(source="usage.held")
    current = serializers.IntegerField(source="usage.current")
    limit = serializers.IntegerField(source="usage.limit")
    top_ups = serializers.IntegerField(source="usage.extra", help_text="Units of top-ups that are left.")
    remaining = serializers.IntegerField(source="usage.remaining")
    resets_at = serializers.DateTimeField(source="usage.resets_at")
    runs_out_at = serializers.DateTimeField(allow_null=True)


class KindMonthSerializer(CamelSerializer):
    """What was charged of one kind in a month; `limit` is null for past months of which nothing was held."""

    type = serializers.ChoiceField(choices=UsageKind.choices, source="kind")
    used = serializers.IntegerField(help_text="Of the month's allowance.")
    limit = serializers.IntegerField(allow_null=True)
    from_top_ups = serializers.IntegerField()


class MonthSerializer(CamelSerializer):
    """A calendar month (UTC); an archived one does not change any more."""

    month = serializers.SerializerMethodField("get_month", help_text="Such as 2026-11.")
    archived = serializers.BooleanField()
    kinds = KindMonthSerializer(many=True)

    def get_month(self, row: Month) -> str:
        """Year and month."""
        return f"{row.starts_at:%Y-%m}"


class ReceiptSerializer(CamelModelSerializer):
    """What one piece of work held in one period, and what was charged; `period` tells the month from top-ups."""

    type = serializers.CharField(source="period.kind")
    period = serializers.CharField(source="period.source", help_text="month, purchase or grant.")

    class Meta:
        model = Reservation
        fields: ClassVar = [
            "id", "source_id", "type", "period", "amount", "settled", "state", "reason", "created_at", "ended_at",
        ]  # fmt: skip
        read_only_fields = fields


class UsageSerializer(CamelSerializer):
    """The running month with a forecast, the last twelve months, and the latest receipts of the running one."""

    plan = PlanSerializer()
    kinds = KindUsageSerializer(many=True)
    history = MonthSerializer(many=True)
    receipts = ReceiptSerializer(many=True)


class SubscriptionSerializer(CamelSerializer):
    """The plan somebody has and what it follows from; `status` is Stripe's, null without a subscription there."""

    plan = PlanSerializer()
    granted = serializers.BooleanField(help_text="Staff gave the plan, whatever is paid for.")
    status = serializers.ChoiceField(choices=SubscriptionStatus.choices, allow_null=True)
    summary = serializers.CharField(source="line.text", help_text="The state in words.")
    can_manage = serializers.BooleanField(help_text="`POST /api/billing/portal` has a page to lead to.")
    subscribed_plan = serializers.SlugField(
        allow_null=True, help_text="Slug of the plan the subscription is for, whatever its state."
    )
    period_start = serializers.DateTimeField(allow_null=True)
    period_end = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True, help_text="When it ended or will end, if that is decided.")
    trial_ends_at = serializers.DateTimeField(allow_null=True)
    is_collection_paused = serializers.BooleanField()


class InvoiceSerializer(CamelModelSerializer):
    """An invoice; amounts are in the smallest unit of the currency, addresses are Stripe's or empty."""

    page_url = serializers.SerializerMethodField("get_page_url")
    pdf_url = serializers.SerializerMethodField("get_pdf_url")

    class Meta:
        model = Invoice
        fields: ClassVar = ["id", "number", "status", "currency", "due", "paid", "issued_at", "page_url", "pdf_url"]
        read_only_fields = fields

    def get_page_url(self, row: Invoice) -> str:
        """The invoice at Stripe."""
        return safe_link(row.page_url)

    def get_pdf_url(self, row: Invoice) -> str:
        """The same on paper."""
        return safe_link(row.pdf_url)


class BuySerializer(CamelSerializer):
    """One plan or one top-up, and where of this site to lead people afterwards."""

    plan_id = serializers.UUIDField(required=False)
    pack_id = serializers.UUIDField(required=False)
    success_url = serializers.CharField(required=False, allow_blank=True, max_length=2_000)
    cancel_url = serializers.CharField(required=False, allow_blank=True, max_length=2_000)


class ManageSerializer(CamelSerializer):
    """Where of this site Stripe's page leads back to."""

    return_url = serializers.CharField(required=False, allow_blank=True, max_length=2_000)


class LinkSerializer(CamelSerializer):
    """Where to send the browser."""

    url = serializers.URLField()
