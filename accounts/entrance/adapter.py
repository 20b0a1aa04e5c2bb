"""What allauth says, sends and records, and where it leads."""

import logging
from smtplib import SMTPException
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from allauth.core.context import request_context
from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.events import signed_in
from accounts.models import User
from accounts.notifications import notify
from accounts.sessions import end_others
from kapture.audit.services import record
from kapture.core.errors import Unavailable

logger = logging.getLogger(__name__)
NOT_SENT = (
    "The message could not be sent. Try again in a few minutes; "
    "if you have just signed up, sign in and it is sent again."
)

NOT_YOU = "If it was not you, set a new password at once: “Forgot your password?” on the sign-in page does it."
NEWS = {
    "account/email/password_changed": (
        "Your password was changed",
        f"Every other browser was signed out. {NOT_YOU}",
    ),
    "account/email/password_reset": (
        "Your password was changed by a link in an e-mail",
        f"Every browser was signed out. {NOT_YOU}",
    ),
    "account/email/password_set": (
        "Your account has a password now",
        f"You can sign in with your e-mail address as well. {NOT_YOU}",
    ),
}


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """allauth's adapter in the product's words."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The e-mail address or the password is not right.",
        "enter_current_password": "This is not your current password.",
        "same_as_current": "This is your address already.",
        "too_many_login_attempts": "Too many attempts for this address. Wait five minutes and try again.",
        "invalid_password_reset": "This link has been used or is too old.",
    }

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where the change was started."""
        return reverse("accounts:sign-in")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Back to the settings for somebody who is in; else the start page, which asks strangers to sign in."""
        return reverse("accounts:sign-in" if self.request.user.is_authenticated else "overview")

    def is_safe_url(self, url: str) -> bool:
        """Whether an address to go on to is on this very site; allauth would also lead to every other allowed host."""
        here, secure = {self.request.get_host()}, self.request.is_secure()
        return not url.startswith("//") and url_has_allowed_host_and_scheme(url, here, require_https=secure)

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

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell somebody what became of their account: on the page and by e-mail, or a given (former) address alone."""
        if email is None:
            title, body = NEWS[template_prefix]
            notify(user, "accounts.security", title, body=body, path=reverse("accounts:sign-in"), mail=True)
        else:
            transaction.on_commit(lambda: self._tell_former(template_prefix, email, context or {}))

    def _tell_former(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        try:
            with request_context(self.request):
                self.send_mail(template_prefix, email, context)
        except Unavailable:
            logger.warning("a former address was not told: %s", template_prefix)

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether this is the password of who is signed in; guesses are counted for each person.

        Not as at the door, where they count for the address: there a stranger's guesses would lock the owner in.
        """
        if not ratelimit.consume(self.request, action="reauthenticate", user=user):
            raise self.validation_error("too_many_login_attempts")
        return user.check_password(password)

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign somebody in under a new session key, on record."""
        super().login(request, user)
        signed_in(request, user)

    def set_password(self, user: User, password: str) -> None:
        """Change a password on record, and sign out every browser but the one it is changed in."""
        with transaction.atomic():
            # While they still let somebody in, or there would be nothing to tell.
            end_others(user, self.request.session.session_key if self.request.user == user else None, actor=user)
            super().set_password(user, password)
            record(user, "accounts.password_changed", user)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Confirm an address on record, which replaces the former one; false when it is another account's by now."""
        user, former = email_address.user, email_address.user.email
        try:
            with transaction.atomic():
                confirmed = bool(super().confirm_email(request, email_address))
                if confirmed and former == email_address.email:
                    record(user, "accounts.email_confirmed", user)
                elif confirmed:
                    record(user, "accounts.email_changed", user)
        except IntegrityError:
            context = {"email": email_address.email}
            self.add_message(request, messages.ERROR, "account/messages/email_confirmation_failed.txt", context)
            return False
        return confirmed
