"""Forms of the pages: the filter bar and the search."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import QueryDict

from kapture.core.choices import Platform
from kapture.gateways.scraping import ContentType, DateRange
from kapture.web.forms import TagsField
from trends.queries import SORTS, TrendFilter
from trends.sources import Option, left_alone, options, switched_on, told
from trends.specs import (
    DEFAULT_LIMIT,
    LANGUAGES,
    MAX_KEYWORD,
    MAX_KEYWORDS,
    MAX_LIMIT,
    MAX_VIEWS,
    ScrapeSpec,
    clean_keywords,
)

ANY_TIME = ("", "Any time")
ANY_LANGUAGE = ("", "Any language")
VIEWS = (
    ("", "Any reach"),
    ("1000", "1K and more"),
    ("10000", "10K and more"),
    ("100000", "100K and more"),
    ("1000000", "1M and more"),
)
ORDERS = (
    ("-score", "Breakout"),
    ("-velocity", "Velocity"),
    ("-views", "Most viewed"),
    ("-publishedAt", "Newest posts"),
    ("-scrapedAt", "Last captured"),
)


class FilterForm(forms.Form):
    """The query of the list; a value that makes no sense filters nothing."""

    DEFAULT_ORDER: ClassVar = "-score"

    platform = forms.MultipleChoiceField(choices=Platform.choices, required=False)
    q = forms.CharField(max_length=200, required=False)
    period = forms.ChoiceField(choices=[ANY_TIME, *DateRange.choices], required=False)
    type = forms.ChoiceField(choices=[("", "Any type"), *ContentType.choices], required=False)
    reach = forms.IntegerField(min_value=0, max_value=MAX_VIEWS, required=False)
    hashtag = forms.CharField(max_length=101, required=False)
    author = forms.CharField(max_length=200, required=False)
    language = forms.ChoiceField(choices=[ANY_LANGUAGE, *LANGUAGES.items()], required=False)
    tag = forms.CharField(max_length=51, required=False)
    category = forms.UUIDField(required=False)
    watch = forms.UUIDField(required=False)
    scrape = forms.UUIDField(required=False)
    sort = forms.ChoiceField(choices=[(name, name) for name in SORTS], required=False)

    @property
    def wanted(self) -> TrendFilter:
        """The filter of what is valid."""
        self.is_valid()
        value = {name: given for name, given in self.cleaned_data.items() if given not in (None, "")}
        return TrendFilter(
            platforms=tuple(Platform(name) for name in value.get("platform", ())),
            content_type=value.get("type", ""),
            q=value.get("q", ""),
            hashtag=value.get("hashtag", ""),
            author=value.get("author", ""),
            min_views=value.get("reach"),
            date_range=DateRange(value["period"]) if "period" in value else None,
            language=value.get("language", ""),
            tag=value.get("tag", ""),
            category=value.get("category"),
            watch=value.get("watch"),
            scrape=value.get("scrape"),
        )

    @property
    def order(self) -> str:
        """The wanted sort; what stands out most comes first unless told otherwise."""
        self.is_valid()
        return self.cleaned_data.get("sort") or self.DEFAULT_ORDER


def saved_query(given: QueryDict) -> str:
    """The filters and the order of an address that make sense and say something, in one spelling."""
    form = FilterForm(given)
    form.is_valid()
    said = QueryDict(mutable=True)
    for name in form.fields:
        if form.cleaned_data.get(name) and (name, given[name]) != ("sort", FilterForm.DEFAULT_ORDER):
            values = {str(value) for value in given.getlist(name)}
            said.setlist(name, sorted(values) if name == "platform" else [str(given[name])])
    return said.urlencode()


class ScrapeForm(forms.Form):
    """A search on one or several platforms."""

    keywords = TagsField(
        label="Keywords",
        max_count=MAX_KEYWORDS,
        max_chars=MAX_KEYWORD,
        help_text=f"Up to {MAX_KEYWORDS}, separated by commas. On TikTok a word with # searches the hashtag.",
    )
    platforms = forms.MultipleChoiceField(
        label="Platforms",
        choices=Platform.choices,
        initial=switched_on,
        error_messages={"required": "Choose at least one."},
    )
    limit = forms.IntegerField(
        label="Posts from each platform", min_value=1, max_value=MAX_LIMIT, initial=2 * DEFAULT_LIMIT
    )
    date_range = forms.ChoiceField(label="Published", choices=[ANY_TIME, *DateRange.choices], required=False)
    min_views = forms.IntegerField(
        label="Fewest views",
        min_value=0,
        max_value=MAX_VIEWS,
        required=False,
        help_text="Reddit tells no views and is not filtered.",
    )
    language = forms.ChoiceField(label="Language", choices=[ANY_LANGUAGE, *LANGUAGES.items()], required=False)

    told = staticmethod(told)
    left_alone = staticmethod(left_alone)

    @property
    def options(self) -> list[Option]:
        """The platforms, and why some cannot be chosen."""
        return options(self["platforms"].value() or ())

    @property
    def chosen(self) -> list[Platform]:
        """The chosen platforms of a valid form."""
        return [Platform(name) for name in self.cleaned_data["platforms"]]

    def spec(self) -> ScrapeSpec:
        """The search of a valid form, for the first of its platforms."""
        value = self.cleaned_data
        return ScrapeSpec(
            platform=self.chosen[0],
            keywords=clean_keywords(value["keywords"]),
            limit=value["limit"],
            date_range=DateRange(value["date_range"]) if value["date_range"] else None,
            min_views=value["min_views"],
            language=value["language"],
        )


def ids_of(values: list[str], most: int) -> list[UUID]:
    """The ids among posted values, each once; what is none is left out."""
    found: dict[UUID, Any] = {}
    for value in values[: most * 2]:
        try:
            found[UUID(value)] = None
        except ValueError:
            continue
    return list(found)[:most]
