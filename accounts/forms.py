"""Forms of the settings page."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone

from accounts.models import ApiKey, User


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the type checker only
    """What people call you."""

    class Meta:
        model = User
        fields = ("name",)
        labels = {"name": "Name"}  # noqa: RUF012
        help_texts = {"name": "Shown in the sidebar and on boards you share."}  # noqa: RUF012


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(max_length=80, label="Name", help_text="What will use it, such as “upload script”.")
    scope = forms.ChoiceField(choices=ApiKey.Scope.choices, initial=ApiKey.Scope.WRITE, label="May")
    days = forms.TypedChoiceField(
        label="Expires",
        coerce=int,
        choices=[(0, "Never"), (30, "In 30 days"), (90, "In 90 days"), (365, "In a year")],
        initial=90,
    )

    def expires_at(self) -> datetime | None:
        """The moment it stops working; None for never."""
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None
