"""What watches are asked for on the wire; what is answered is in `answers`."""

from typing import Any

from rest_framework import serializers

from kapture.api.serializers import CamelSerializer
from kapture.core.choices import Platform
from kapture.gateways.scraping import DateRange
from trends.models import Metric, Watch
from trends.serializers import ScrapeFiltersSerializer
from trends.specs import DEFAULT_LIMIT, MAX_KEYWORD, MAX_KEYWORDS, MAX_LIMIT, clean_keywords
from trends.watches.backtest import PERIODS
from trends.watches.schedule import LONGEST, SHORTEST, USUAL
from trends.watches.specs import HIGHEST, LONGEST_NAME, MOST_RULES, RuleSpec, WatchSpec


def above_nothing(value: float) -> None:
    """Refuse what every post reaches."""
    if not value > 0:
        raise serializers.ValidationError("More than 0.")


class RuleWriteSerializer(CamelSerializer):
    """When an alert is raised: at the first look at which the metric reaches a value."""

    metric = serializers.ChoiceField(choices=Metric.choices)
    at_least = serializers.FloatField(max_value=HIGHEST, validators=[above_nothing])
    is_on = serializers.BooleanField(required=False, default=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A rule is whole, also in a change that may leave out other things."""
        missing = [name for name, field in self.fields.items() if field.required and field.source not in attrs]
        if missing:
            raise serializers.ValidationError({name: ["This field is required."] for name in missing})
        return attrs


def rule_of(told: dict[str, Any]) -> RuleSpec:
    """The checked rule as a spec."""
    return RuleSpec(Metric(told["metric"]), told["at_least"], told.get("is_on", True))


class _SearchFields(CamelSerializer):
    keywords = serializers.ListField(
        child=serializers.CharField(min_length=1, max_length=MAX_KEYWORD), min_length=1, max_length=MAX_KEYWORDS
    )
    platforms = serializers.ListField(
        child=serializers.ChoiceField(choices=Platform.choices), min_length=1, max_length=len(Platform)
    )


class _ScheduleFields(CamelSerializer):
    every_minutes = serializers.IntegerField(required=False, default=USUAL, min_value=SHORTEST, max_value=LONGEST)
    cron = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=100,
        help_text="Five fields, UTC, at most once an hour; instead of everyMinutes.",
    )


class WatchWriteSerializer(_ScheduleFields, _SearchFields):
    """A watch as it is asked for; with PATCH what is left out stays, and `rules` are replaced as a whole."""

    name = serializers.CharField(max_length=LONGEST_NAME)
    limit = serializers.IntegerField(required=False, default=DEFAULT_LIMIT, min_value=1, max_value=MAX_LIMIT)
    filters = ScrapeFiltersSerializer(required=False)
    rules = serializers.ListField(child=RuleWriteSerializer(), required=False, max_length=MOST_RULES)
    mails = serializers.BooleanField(required=False, default=False)
    webhook_url = serializers.CharField(required=False, default="", allow_blank=True, max_length=2048)

    @staticmethod
    def fields_of(told: dict[str, Any]) -> dict[str, Any]:
        """The fields of a spec that a checked body names."""
        fields = {name: value for name, value in told.items() if name not in ("filters", "rules", "state")}
        if "keywords" in told:
            fields["keywords"] = clean_keywords(told["keywords"])
        if "platforms" in told:
            fields["platforms"] = tuple(dict.fromkeys(Platform(name) for name in told["platforms"]))
        if "rules" in told:
            fields["rules"] = tuple(rule_of(rule) for rule in told["rules"])
        if (filters := told.get("filters")) is not None:
            fields["date_range"] = DateRange(filters["date_range"]) if filters.get("date_range") else None
            fields["min_views"] = filters.get("min_views")
            fields["language"] = filters.get("language") or ""
        return fields

    def spec(self) -> WatchSpec:
        """The checked body as a spec."""
        return WatchSpec(**self.fields_of(self.validated_data))


class WatchChangeSerializer(WatchWriteSerializer):
    """A change of a watch; `state` pauses it or lets it run again."""

    state = serializers.ChoiceField(choices=Watch.State.choices, required=False)


class CostRequestSerializer(_ScheduleFields):
    """A schedule whose price is asked for."""

    platforms = serializers.ListField(
        child=serializers.ChoiceField(choices=Platform.choices), min_length=1, max_length=len(Platform)
    )


class BacktestRequestSerializer(_SearchFields):
    """A rule to be tried on what was captured: on the posts of a watch, or on those with one of the keywords."""

    watch_id = serializers.UUIDField(required=False, help_text="A watch; instead of keywords and platforms.")
    rule = RuleWriteSerializer()
    days = serializers.ChoiceField(choices=PERIODS, required=False, default=PERIODS[0])

    def get_fields(self) -> dict[str, Any]:
        """The fields; keywords and platforms are only needed where no watch is named."""
        fields: dict[str, Any] = super().get_fields()
        for name in ("keywords", "platforms"):
            fields[name].required = False
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Either a watch, or keywords with platforms."""
        named, described = "watch_id" in attrs, "keywords" in attrs and "platforms" in attrs
        if named == described:
            raise serializers.ValidationError({"watchId": ["Name a watch, or keywords and platforms."]})
        return attrs
