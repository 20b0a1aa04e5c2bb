"""Forms of this room's pages."""

from typing import Any

from django import forms

from ideaboards import specs
from ideaboards.models import COLOURS, Ideaboard
from ideaboards.queries import SORTS, BoardFilter

SORT_WORDS = {"-edited": "Edited last", "edited": "Edited first", "title": "Title", "-created": "Newest"}
TONES = [
    ("", "Plain"),
    ("warm", "Warm"),
    ("playful", "Playful"),
    ("bold", "Bold"),
    ("calm", "Calm"),
    ("expert", "Expert"),
]


class FilterForm(forms.Form):
    """The filters of the list, read from the address; a value that is none is ignored."""

    q = forms.CharField(required=False, max_length=200)
    state = forms.ChoiceField(required=False, choices=Ideaboard.State.choices)
    tag = forms.CharField(required=False, max_length=specs.MAX_TAG)
    sort = forms.ChoiceField(required=False, choices=[(key, SORT_WORDS[key]) for key in SORTS])

    def wanted(self) -> BoardFilter:
        """The filters that could be read."""
        self.is_valid()
        found = {name: value for name, value in self.cleaned_data.items() if value}
        return BoardFilter(**found)


class BoardForm(forms.Form):
    """The text of a board as people without JavaScript write it."""

    title = forms.CharField(max_length=specs.TITLE)
    markdown = forms.CharField(required=False, strip=False)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)


class TagForm(forms.Form):
    """One tag to add or to take off."""

    tag = forms.CharField(max_length=specs.MAX_TAG + 1)
    remove = forms.BooleanField(required=False)


class StateForm(forms.Form):
    """A state or a colour."""

    state = forms.ChoiceField(required=False, choices=Ideaboard.State.choices)
    colour = forms.ChoiceField(required=False, choices=COLOURS)


class AskForm(forms.Form):
    """An order for lines into a board."""

    kind = forms.ChoiceField(choices=specs.LINE_KINDS)
    prompt = forms.CharField(required=False, max_length=specs.MAX_PROMPT)
    tone = forms.ChoiceField(required=False, choices=TONES)


class InsertForm(forms.Form):
    """Which line of a generation to insert; all of them without a number."""

    line = forms.IntegerField(required=False, min_value=0, max_value=1_000)


class RestoreForm(forms.Form):
    """The version that is replaced by an earlier one."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)


class DraftForm(forms.Form):
    """What a drafted board is about and how it sounds."""

    topic = forms.CharField(
        required=False,
        max_length=specs.MAX_PROMPT,
        label="What should it be about",
        help_text="Leave it empty to let the trends decide.",
        widget=forms.TextInput(attrs={"placeholder": "A studio tour for small rooms", "autocomplete": "off"}),
    )
    tone = forms.ChoiceField(required=False, choices=TONES, label="Tone")
    audience = forms.CharField(
        required=False,
        max_length=specs.SHORT,
        label="Audience",
        widget=forms.TextInput(attrs={"placeholder": "People who film alone", "autocomplete": "off"}),
    )
    language = forms.CharField(
        required=False,
        max_length=specs.SHORT,
        label="Language",
        widget=forms.TextInput(attrs={"placeholder": "English", "autocomplete": "off"}),
    )
    trend = forms.TypedMultipleChoiceField(required=False)

    def __init__(self, *args: Any, trends: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trend"].choices = trends  # type: ignore[attr-defined]  # a choice field's attribute

    def clean(self) -> dict[str, Any]:
        """Something to start from: a topic or trends."""
        values: dict[str, Any] = super().clean() or {}
        if not values.get("topic") and not values.get("trend"):
            raise forms.ValidationError("Choose at least one trend, or say what it should be about.")
        if len(values.get("trend", ())) > specs.MAX_SOURCES:
            raise forms.ValidationError(f"A board leans on at most {specs.MAX_SOURCES} trends.")
        return values
