"""Forms of the entrance."""

from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from accounts.forms import EMAIL_CHARS
from accounts.models import User
from accounts.services import welcome

SHORTEST = 10
ADVICE = f"At least {SHORTEST} characters. A few unrelated words make a good one."
# Read by static/js/strength.js; without scripts the advice stands alone.
STRENGTH = {"data-strength": "Too short|Fair|Good|Strong", "minlength": SHORTEST}


class Plain(forms.Form):
    """A form whose fields have labels above and so need neither words inside nor counters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            field.widget.attrs.pop("maxlength", None)

    def describe(self, name: str, label: str, hint: str = "", **attrs: Any) -> None:
        """Name a field of the base form in our words."""
        field = self.fields[name]
        field.label, field.help_text = label, hint
        field.widget.attrs |= attrs


class SignInForm(Plain, allauth.LoginForm):  # type: ignore[misc]  # allauth is untyped
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.describe("login", "E-mail", autocomplete="username")
        self.describe("password", "Password")


class SignUpForm(Plain, allauth.SignupForm):  # type: ignore[misc]
    """Name (if one likes), address and password."""

    name = forms.CharField(
        max_length=150, required=False, label="Name", widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("name", "email", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.describe("email", "E-mail")
        self.describe("password1", "Password", ADVICE, **STRENGTH)
        self.fields["email"].validators.append(MaxLengthValidator(EMAIL_CHARS))

    def validate_unique_email(self, value: str) -> str:
        """See whether there is an account: nobody is told but the owner of the address, by e-mail.

        An address that somebody merely wants to change to does not count, or anybody could keep others out.
        """
        self.account_already_exists = User.objects.filter(email=value).exists()
        return value

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """A new account, or the same answer after the same time when there is one."""
        if self.account_already_exists:
            # A new account costs one hash of its password.
            User().set_password(self.cleaned_data["password1"])
        else:
            try:
                with transaction.atomic():
                    saved: tuple[User | None, HttpResponse | None] = super().try_save(request)
                    return saved
            except IntegrityError:
                self.account_already_exists = True
        answer: tuple[User | None, HttpResponse | None] = super().try_save(request)
        return answer

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        """Keep the name and put the beginning on record."""
        welcome(user, self.cleaned_data["name"])


class LostPasswordForm(Plain, allauth.ResetPasswordForm):  # type: ignore[misc]
    """Where to send the link."""

    users: list[User]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.describe("email", "E-mail")

    def clean_email(self) -> str:
        """Find the account; an address that was never confirmed as the account's own opens nothing.

        Who comes in through Clerk has no password here to lose, and must not get a second way in by e-mail.
        """
        email = str(super().clean_email()).lower()
        self.users = [user for user in self.users if user.email == email and user.clerk_id is None]
        return email


class NewPasswordForm(Plain, allauth.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, typed once: it can be shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        self.describe("password1", "New password", ADVICE, **STRENGTH)


class ChangePasswordForm(Plain, allauth.ChangePasswordForm):  # type: ignore[misc]
    """The old password and a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        self.describe("oldpassword", "Current password")
        self.describe("password1", "New password", ADVICE, **STRENGTH)


class SetPasswordForm(Plain, allauth.SetPasswordForm):  # type: ignore[misc]
    """A first password for somebody who has none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        self.describe("password1", "New password", ADVICE, **STRENGTH)
