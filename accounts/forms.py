"""Forms of the settings page."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.services import MOST_A_DAY
from kapture.web.forms import Switch

EMAIL_CHARS = 254


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the type checker only
    """What people call you."""

    class Meta:
        model = User
        fields = ("name",)
        labels = {"name": "Name"}  # noqa: RUF012
        help_texts = {"name": "Shown in the sidebar and on boards you share."}  # noqa: RUF012


class DailyCap(forms.IntegerField):
    """How much a key may spend a day; empty for no limit."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            min_value=0,
            max_value=MOST_A_DAY,
            label="Daily limit",
            help_text="Units of all kinds together a day (UTC). Empty for none but that of your plan.",
        )


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(max_length=80, label="Name", help_text="What will use it, such as “upload script”.")
    scope = forms.ChoiceField(choices=ApiKey.Scope.choices, initial=ApiKey.Scope.WRITE, label="Access")
    days = forms.TypedChoiceField(
        label="Expires",
        coerce=int,
        choices=[(0, "Never"), (30, "In 30 days"), (90, "In 90 days"), (365, "In a year")],
        initial=90,
    )

    daily_cap = DailyCap()
    is_dry_run = forms.BooleanField(
        required=False,
        label="Dry run only",
        help_text="What it asks for is checked and priced in full, and nothing is done.",
        widget=Switch,
    )

    def expires_at(self) -> datetime | None:
        """The moment it stops working; None for never."""
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None

    def wishes(self) -> dict[str, Any]:
        """The rest."""
        return {name: self.cleaned_data[name] for name in ("name", "scope", "daily_cap", "is_dry_run")}


class ChangeKeyForm(forms.Form):
    """What may be changed about a key; its scope and expiry may not, because programs rely on them."""

    name = forms.CharField(max_length=80, label="Name")
    daily_cap = DailyCap()

    def __init__(self, instance: ApiKey, data: Any = None) -> None:
        initial = {"name": instance.name, "daily_cap": instance.daily_cap}
        super().__init__(data, initial=initial, auto_id=f"key_{instance.pk}_%s")
        self.instance = instance


class Proof(forms.Form):
    """What shows that a signed-in person is at the keyboard: the password, or the address where there is none."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if user.has_usable_password():
            hidden = forms.PasswordInput(attrs={"autocomplete": "current-password"})
            self.fields["password"] = forms.CharField(label="Current password", strip=False, widget=hidden)
        else:
            typed = forms.TextInput(attrs={"autocomplete": "off"})
            hint = f"Type {user.email} to confirm."
            self.fields["address"] = forms.CharField(label="Your e-mail address", help_text=hint, widget=typed)

    def clean_password(self) -> str:
        """The password, if it is right; wrong ones count like those at the sign-in page."""
        password = str(self.cleaned_data["password"])
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password

    def clean_address(self) -> str:
        """The address, if it is the user's."""
        address = str(self.cleaned_data["address"]).strip().lower()
        if address != self.user.email:
            raise forms.ValidationError("This is not the address of your account.")
        return address


class AddressForm(Proof):
    """Another address to sign in with."""

    email = forms.EmailField(
        label="New address", max_length=EMAIL_CHARS, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nobody writes so much that a counter would help.
        self.fields["email"].widget.attrs.pop("maxlength", None)

    def clean_email(self) -> str:
        """The address in lower case; whether somebody else has it is not told here."""
        email = str(self.cleaned_data["email"]).lower()
        if email == self.user.email:
            raise get_adapter().validation_error("same_as_current")
        return email


class MailsForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the type checker only
    """What comes by e-mail; all of it is on the page as well."""

    class Meta:
        model = User
        fields = ("mails_usage", "mails_account")
        widgets = {"mails_usage": Switch, "mails_account": Switch}  # noqa: RUF012
        labels = {  # noqa: RUF012
            "mails_usage": "Usage",
            "mails_account": "Account and billing",
        }
        help_texts = {  # noqa: RUF012
            "mails_usage": "When 80 % and all of a monthly allowance are used.",
            "mails_account": "When something about your plan or a payment changes.",
        }
