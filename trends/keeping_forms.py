"""Forms of the pages around keeping: tags and category of chosen trends, names of views and categories."""

from collections.abc import Sequence
from typing import Any

from django import forms

from kapture.core.errors import DomainError
from kapture.web.forms import TagsField
from trends import kept
from trends.kept import shelf_name
from trends.labels import MAX_NAME, MAX_TAG, MAX_TAGS
from trends.models import Trend

OFFERED = 30


class TagForm(forms.Form):
    """Which tags to put on the chosen trends, and which to take away."""

    add = TagsField(label="New tags", max_count=MAX_TAGS, max_chars=MAX_TAG + 1, required=False)
    use = forms.MultipleChoiceField(label="Tags in use", required=False, widget=forms.CheckboxSelectMultiple)
    remove = forms.MultipleChoiceField(label="Take away", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, user: Any, trends: Sequence[Trend], data: Any = None) -> None:
        super().__init__(data)
        self.fields["add"].widget.attrs["placeholder"] = "Separated by commas"
        worn = sorted({tag for trend in trends for tag in trend.tags}, key=str.casefold)
        used = sorted(kept.tags(user), key=lambda tag: -tag.trends)
        offered = sorted((tag.name for tag in used[:OFFERED] if tag.name not in worn), key=str.casefold)
        self.offered, self.worn = offered, worn
        for name, tags in (("use", offered), ("remove", worn)):
            self.fields[name].choices = [(tag, tag) for tag in tags]  # type: ignore[attr-defined]

    @property
    def added(self) -> list[str]:
        """What is to be added, of a valid form."""
        return [*self.cleaned_data["add"], *self.cleaned_data["use"]]


class MoveForm(forms.Form):
    """Which shelf the chosen trends go to: one that is there, a new one, or none."""

    category = forms.ChoiceField(label="Category", required=False, widget=forms.RadioSelect)
    new = forms.CharField(label="New category", max_length=MAX_NAME, required=False)

    def __init__(self, user: Any, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        names = [category.name for category in kept.categories(user)]
        self.fields["category"].choices = [*((name, name) for name in names), ("", "No category")]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Nothing chosen means neither a shelf nor none."""
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("new") and "category" not in self.data:
            raise forms.ValidationError("Choose a category, or name a new one.")
        return cleaned

    @property
    def name(self) -> str:
        """The name of the wanted category, of a valid form; empty for none."""
        return str(self.cleaned_data["new"] or self.cleaned_data["category"])


class LabelsForm(forms.Form):
    """Tags and category of one trend, as they shall be."""

    tags = TagsField(label="Tags", max_count=MAX_TAGS, max_chars=MAX_TAG + 1, required=False)
    category = forms.CharField(label="Category", max_length=MAX_NAME, required=False)

    def __init__(self, trend: Trend, data: Any = None) -> None:
        super().__init__(data, initial={"tags": trend.tags, "category": shelf_name(trend)})
        self.fields["tags"].widget.attrs["placeholder"] = "Add a tag"
        self.fields["category"].widget.attrs |= {"list": "categories", "placeholder": "None", "autocomplete": "off"}


class NameForm(forms.Form):
    """The name of a view or a category."""

    name = forms.CharField(label="Name", max_length=MAX_NAME)


def show_refusal(form: forms.Form, refusal: DomainError) -> None:
    """Show at the head of a form why a service did not take it."""
    texts = [text for texts in (refusal.details or {}).values() for text in texts] or [refusal.message]
    for text in texts:
        form.add_error(None, text)
