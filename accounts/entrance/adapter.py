"""What allauth says, sends and records, and where it leads."""

import logging
from smtplib import SMTPException
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.urls import reverse

from kapture.audit.services import record
from kapture.core.errors import Unavailable

logger = logging.getLogger(__name__)
NOT_SENT = (
    "The message could not be sent. Try again in a few minutes; "
    "if you have just signed up, sign in and it is sent again."
)


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """allauth's adapter in the product's words."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The e-mail address or the password is not right.",
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

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """The address alone: allauth adds the Host header, and another port in it would begin a new count."""
        return str(credentials.get("email", "")).lower()

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a message whose links are those of SITE_URL; raises `Unavailable` when no server takes it."""
        try:
            super().send_mail(template_prefix, email, {**context, "site_url": settings.SITE_URL})
        except (SMTPException, OSError) as error:
            logger.warning("mail %s not sent: %s", template_prefix, error)
            # What was not sent does not count, so that the next try sends it.
            ratelimit.clear(self.request, action="confirm_email", key=email.lower())
            raise Unavailable(NOT_SENT, retry_after=60) from error

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Confirm an address on record; false when it belongs to another account by now."""
        try:
            with transaction.atomic():
                confirmed = bool(super().confirm_email(request, email_address))
                if confirmed:
                    record(email_address.user, "accounts.email_confirmed", email_address.user)
        except IntegrityError:
            context = {"email": email_address.email}
            self.add_message(request, messages.ERROR, "account/messages/email_confirmation_failed.txt", context)
            return False
        return confirmed
