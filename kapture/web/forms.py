"""Forms in the look of the product: renderer, keyword field, switch."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates, TemplatesSetting
from django.template import TemplateDoesNotExist


class Renderer(TemplatesSetting):
    """Draw forms and fields with the project's templates, widgets with Django's own unless the project has one."""

    form_template_name = "components/forms/form.html"
    field_template_name = "components/forms/field.html"

    def __init__(self) -> None:
        self.builtin = DjangoTemplates()

    def get_template(self, template_name: str) -> Any:
        """The project's template, else Django's (widgets live in the form package, not in an installed app)."""
        try:
            return super().get_template(template_name)
        except TemplateDoesNotExist:
            return self.builtin.get_template(template_name)


class Switch(forms.CheckboxInput):
    """A checkbox that looks and speaks like a switch."""

    def __init__(self, attrs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__({"role": "switch", "class": "switch", **(attrs or {})}, **kwargs)


class TagsInput(forms.TextInput):
    """Keywords as tags; without scripts a text field with commas."""

    def format_value(self, value: Any) -> str | None:
        """Lists shown as text with commas."""
        return ", ".join(value) if isinstance(value, (list, tuple)) else super().format_value(value)


class TagsField(forms.CharField):
    """Up to `max_count` different keywords of `min_length` to `max_chars` characters, from text with commas."""

    widget = TagsInput

    def __init__(self, *, max_count: int = 10, max_chars: int = 100, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_count = max_count
        self.max_chars = max_chars
        self.widget.attrs |= {"data-tags": "", "data-max": str(max_count), "data-max-chars": str(max_chars)}

    def to_python(self, value: Any) -> Any:
        """The keywords in order, blanks and repeats (whatever their case) dropped."""
        parts: Sequence[str] = value if isinstance(value, (list, tuple)) else str(value or "").split(",")
        seen = {" ".join(part.split()).casefold(): " ".join(part.split()) for part in reversed(parts) if part.strip()}
        return list(reversed(seen.values()))

    def validate(self, value: Any) -> None:
        """Refuse none when required, too many, and too long ones by name."""
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(value) > self.max_count:
            raise ValidationError(f"At most {self.max_count} keywords; there are {len(value)}.", code="max_count")
        for word in value:
            if len(word) > self.max_chars:
                raise ValidationError(f"“{word[:20]}…” is longer than {self.max_chars} characters.", code="max_chars")

    def run_validators(self, value: Any) -> None:
        """Run the text validators (NUL bytes among them) on each keyword."""
        for word in value:
            super().run_validators(word)
