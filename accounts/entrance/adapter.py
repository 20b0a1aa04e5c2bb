"""What allauth says and where it leads."""

from typing import ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.http import HttpRequest
from django.urls import reverse


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """allauth's adapter in the product's words."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The e-mail address or the password is not right.",
        "email_taken": "There is an account with this address already. Sign in, or reset its password.",
        "enter_current_password": "This is not your current password.",
        "too_many_login_attempts": "Too many attempts for this address. Wait five minutes and try again.",
        "invalid_password_reset": "This link has been used or is too old.",
    }

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where the change was started."""
        return reverse("accounts:sign-in")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """The start page, which asks strangers to sign in first."""
        return reverse("overview")
