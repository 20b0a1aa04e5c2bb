"""What is answered about watches: serializers that describe it, and functions that make it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from rest_framework import serializers

from kapture.api.serializers import CamelModelSerializer, CamelSerializer
from kapture.core.choices import Platform
from trends.models import Alert, Mark, Metric, Rule, Watch, WatchRun
from trends.serializers import ScrapeFiltersSerializer
from trends.watches.backtest import Backtest
from trends.watches.queries import Record, Records, schedule_of, units_of
from trends.watches.rules import GROWTH

MOST_CLAIMS: Final = 100


class CostSerializer(CamelSerializer):
    """What a schedule takes: `monthlyUnits` in the next 30 days, `others` by the other active watches."""

    runs = serializers.IntegerField(help_text="Runs in the next 30 days.")
    monthly_units = serializers.IntegerField(source="units")
    others = serializers.IntegerField()
    is_over = serializers.BooleanField(help_text="Whether all watches together take more than the plan gives a month.")


class RecordSerializer(CamelSerializer):
    """How often claims were right after so many hours; `hitRate` is null before anything was graded."""

    hours = serializers.IntegerField()
    hits = serializers.IntegerField()
    misses = serializers.IntegerField()
    hit_rate = serializers.FloatField(allow_null=True)


class RuleSerializer(CamelSerializer):
    """A rule with its record."""

    id = serializers.UUIDField()
    metric = serializers.ChoiceField(choices=Metric.choices)
    at_least = serializers.FloatField()
    is_on = serializers.BooleanField()
    record = RecordSerializer(many=True)


class WatchSerializer(CamelSerializer):
    """A watch with its rules, and what it takes."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    keywords = serializers.ListField(child=serializers.CharField())
    platforms = serializers.ListField(child=serializers.ChoiceField(choices=Platform.choices))
    limit = serializers.IntegerField()
    filters = ScrapeFiltersSerializer()
    every_minutes = serializers.IntegerField()
    cron = serializers.CharField(allow_blank=True)
    schedule = serializers.CharField(help_text="The schedule in words.")
    state = serializers.ChoiceField(choices=Watch.State.choices)
    next_run_at = serializers.DateTimeField(allow_null=True)
    last_run_at = serializers.DateTimeField(allow_null=True)
    monthly_units = serializers.IntegerField(help_text="Scrapes in the next 30 days; 0 while paused.")
    fresh = serializers.IntegerField(help_text="Posts it met for the first time since its owner looked.")
    rules = RuleSerializer(many=True)
    mails = serializers.BooleanField()
    webhook_url = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


def of_watch(watch: Watch, records: Records, fresh: Mapping[Any, int], now: datetime) -> dict[str, Any]:
    """The answer for one watch whose rules were fetched with it."""
    shown = {name: getattr(watch, name) for name in WatchSerializer._declared_fields if hasattr(watch, name)}
    filters = {"date_range": watch.date_range or None, "min_views": watch.min_views, "language": watch.language or None}
    return {
        **shown,
        "filters": filters,
        "schedule": schedule_of(watch).words,
        "monthly_units": units_of(watch, now),
        "fresh": fresh.get(watch.pk, 0),
        "rules": [of_rule(rule, records[rule.pk]) for rule in watch.rules.all()],
    }


def of_rule(rule: Rule, record: Mapping[int, Record]) -> dict[str, Any]:
    """The answer for one rule."""
    by_hours = [of_record(hours, record.get(hours, Record())) for hours in GROWTH]
    return {"id": rule.pk, "metric": rule.metric, "at_least": rule.at_least, "is_on": rule.is_on, "record": by_hours}


def of_record(hours: int, record: Record) -> dict[str, Any]:
    """The answer for one record."""
    return {"hours": hours, "hits": record.hits, "misses": record.misses, "hit_rate": record.rate}


class RunSerializer(CamelModelSerializer):
    """What became of a slot, or of a run by hand."""

    class Meta:
        model = WatchRun
        fields: ClassVar = ("id", "slot", "by_hand", "state", "note", "found", "fresh", "created_at", "finished_at")
        read_only_fields = fields


class MarkSerializer(CamelModelSerializer):
    """Whether the post's reach grew to `target` in time."""

    class Meta:
        model = Mark
        fields: ClassVar = ("hours", "due_at", "target", "state", "reach", "measured_at")
        read_only_fields = fields


class AlertSerializer(CamelModelSerializer):
    """A claim that a post goes on rising, and how it turned out."""

    trend_id = serializers.UUIDField()
    trend_title = serializers.CharField(source="trend.headline")
    trend_url = serializers.CharField(source="trend.url")
    metric = serializers.ChoiceField(choices=Metric.choices, source="rule.metric")
    at_least = serializers.FloatField(source="rule.at_least")
    marks = MarkSerializer(many=True)

    class Meta:
        model = Alert
        fields: ClassVar = (
            "id", "trend_id", "trend_title", "trend_url", "metric", "at_least", "value", "reach", "raised_at", "marks",
        )  # fmt: skip
        read_only_fields = fields


class DaySerializer(CamelSerializer):
    """Alerts of one day (UTC)."""

    date = serializers.DateField()
    alerts = serializers.IntegerField()


class ClaimSerializer(CamelSerializer):
    """A post that would have been claimed; `outcomes` is its grade by hours."""

    trend_id = serializers.UUIDField()
    title = serializers.CharField()
    url = serializers.CharField()
    raised_at = serializers.DateTimeField()
    value = serializers.FloatField()
    reach = serializers.IntegerField()
    outcomes = serializers.DictField(child=serializers.ChoiceField(choices=Mark.State.choices))


class BacktestSerializer(CamelSerializer):
    """What a rule would have done; of `claims` the newest 100."""

    considered = serializers.IntegerField(help_text="Posts that were looked at, the newest 2,000 at most.")
    total = serializers.IntegerField()
    days = DaySerializer(many=True)
    record = RecordSerializer(many=True)
    claims = ClaimSerializer(many=True)


def of_backtest(tried: Backtest) -> dict[str, Any]:
    """The answer for a backtest."""
    days = zip(tried.dates, tried.per_day(), strict=True)
    return {
        "considered": tried.considered,
        "total": len(tried.claims),
        "days": [{"date": day, "alerts": count} for day, count in days],
        "record": [of_record(hours, tried.record(hours)) for hours in GROWTH],
        "claims": [
            {
                "trend_id": claim.trend.pk,
                "title": claim.trend.headline,
                "url": claim.trend.url,
                "raised_at": claim.at,
                "value": claim.value,
                "reach": claim.reach,
                "outcomes": {str(hours): one.state for hours, one in claim.grades.items()},
            }
            for claim in tried.claims[:MOST_CLAIMS]
        ],
    }
