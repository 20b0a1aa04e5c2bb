"""Forms of the watch pages: the watch, and its rules below it."""

from collections.abc import Sequence
from typing import Any

from django import forms

from kapture.core.choices import Platform
from kapture.core.errors import InvalidInput
from kapture.gateways.scraping import DateRange
from kapture.web.forms import Switch, TagsField
from trends.forms import ANY_LANGUAGE, ANY_TIME
from trends.models import Metric, Watch
from trends.specs import DEFAULT_LIMIT, LANGUAGES, MAX_KEYWORD, MAX_KEYWORDS, MAX_LIMIT, MAX_VIEWS, clean_keywords
from trends.watches.schedule import USUAL, Schedule
from trends.watches.specs import BEGINNING, HIGHEST, LONGEST_NAME, MOST_RULES, RuleSpec, WatchSpec

INTERVALS = (60, 120, 180, 240, 360, 480, 720, 1_440, 2_880, 10_080)
# Names on the wire, in which a spec tells what is wrong -> fields of the form.
FIELDS = {"everyMinutes": "every_minutes", "minViews": "min_views", "webhookUrl": "webhook_url", "rules": ""}
SHOWN_RULES = 3


class RuleForm(forms.Form):
    """One rule; a row without a value is none."""

    metric = forms.ChoiceField(label="Raise an alert when", choices=Metric.choices, initial=Metric.MULTIPLE)
    at_least = forms.FloatField(label="reaches", required=False, min_value=0.01, max_value=HIGHEST)
    is_on = forms.BooleanField(label="On", required=False, initial=True, widget=Switch)


RuleForms = forms.formset_factory(RuleForm, extra=0, max_num=MOST_RULES, absolute_max=MOST_RULES)


def rule_forms(data: Any = None, watch: Watch | None = None) -> Any:
    """The rows of rules: those that are there, and empty ones for more."""
    rules = list(watch.rules.all()) if watch else []
    initial: list[dict[str, Any]] = [
        {"metric": rule.metric, "at_least": f"{rule.at_least:.15g}", "is_on": rule.is_on} for rule in rules
    ]
    rows = min(MOST_RULES, max(SHOWN_RULES, len(initial) + 1))
    initial += [{"metric": metric, "is_on": True} for metric in _offered(rules)][: rows - len(initial)]
    return RuleForms(data, prefix="rules", initial=initial)


def _offered(rules: Sequence[Any]) -> list[str]:
    """What empty rows begin with: metrics that have no rule yet, the most telling ones first."""
    order = [Metric.MULTIPLE, Metric.VELOCITY, Metric.SCORE, Metric.REACH]
    return [*(one for one in order if one not in {rule.metric for rule in rules}), *order]


def rules_of(rows: Any) -> tuple[RuleSpec, ...]:
    """The rules of valid rows."""
    told = [row.cleaned_data for row in rows if row.cleaned_data.get("at_least") is not None]
    return tuple(RuleSpec(Metric(one["metric"]), one["at_least"], one["is_on"]) for one in told)


class WatchForm(forms.Form):
    """A watch without its rules."""

    name = forms.CharField(max_length=LONGEST_NAME, help_text="What you call it, such as “Desk setups”.")
    keywords = TagsField(
        label="Keywords",
        max_count=MAX_KEYWORDS,
        max_chars=MAX_KEYWORD,
        help_text=f"Up to {MAX_KEYWORDS}, separated by commas.",
    )
    platforms = forms.MultipleChoiceField(
        label="Platforms",
        choices=Platform.choices,
        initial=[Platform.YOUTUBE],
        error_messages={"required": "Choose at least one."},
    )
    every_minutes = forms.TypedChoiceField(label="Runs", coerce=int, initial=USUAL)
    cron = forms.CharField(
        label="Or at cron times (UTC)",
        max_length=100,
        required=False,
        help_text="Five fields, such as 0 9 * * 1-5 for weekdays at 9. At most once an hour.",
    )
    limit = forms.IntegerField(
        label="Posts from each platform", min_value=1, max_value=MAX_LIMIT, initial=2 * DEFAULT_LIMIT
    )
    date_range = forms.ChoiceField(label="Published", choices=[ANY_TIME, *DateRange.choices], required=False)
    min_views = forms.IntegerField(label="Fewest views", min_value=0, max_value=MAX_VIEWS, required=False)
    language = forms.ChoiceField(label="Language", choices=[ANY_LANGUAGE, *LANGUAGES.items()], required=False)
    mails = forms.BooleanField(label="Send alerts by e-mail, too", required=False, widget=Switch)
    webhook_url = forms.CharField(
        label="Post alerts to this address",
        max_length=2048,
        required=False,
        help_text="An https address of your own. Messages are signed.",
    )

    def __init__(self, data: Any = None, *, watch: Watch | None = None) -> None:
        super().__init__(data, initial=_initial(watch))
        kept = {watch.every_minutes} if watch else set()
        every: Any = self.fields["every_minutes"]
        every.choices = [(count, Schedule(BEGINNING, count).words) for count in sorted({*INTERVALS, *kept})]

    def spec(self, rules: tuple[RuleSpec, ...]) -> WatchSpec | None:
        """The watch of a valid form; None when it cannot be, with what is wrong told at its fields."""
        value = self.cleaned_data
        try:
            return WatchSpec(
                name=value["name"],
                keywords=clean_keywords(value["keywords"]),
                platforms=tuple(Platform(name) for name in value["platforms"]),
                limit=value["limit"],
                date_range=DateRange(value["date_range"]) if value["date_range"] else None,
                min_views=value["min_views"],
                language=value["language"],
                every_minutes=value["every_minutes"],
                cron=value["cron"],
                rules=rules,
                mails=value["mails"],
                webhook_url=value["webhook_url"],
            )
        except InvalidInput as refusal:
            for field, messages in refusal.details.items():
                self.add_error(FIELDS.get(field, field) or None, messages)
            return None

    def told(self) -> "WatchForm":
        """The form once it was read; one that was not sent as if it had been sent as it stands."""
        if self.is_bound:
            form = self
        else:
            form = WatchForm({name: self.get_initial_for_field(field, name) for name, field in self.fields.items()})
            form.fields["every_minutes"] = self.fields["every_minutes"]
        form.is_valid()
        return form

    def schedule(self) -> Schedule | None:
        """The schedule that is typed in; None while it cannot be kept."""
        value = self.cleaned_data
        try:
            return Schedule(BEGINNING, value.get("every_minutes", USUAL), value.get("cron", ""))
        except InvalidInput:
            return None


def _initial(watch: Watch | None) -> dict[str, Any]:
    if watch is None:
        return {}
    names = (
        "name", "keywords", "platforms", "every_minutes", "cron", "limit", "date_range", "min_views", "language",
        "mails", "webhook_url",
    )  # fmt: skip
    return {name: getattr(watch, name) for name in names}
