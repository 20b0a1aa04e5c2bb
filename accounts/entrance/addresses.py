"""Another address for an account: asked for here, confirmed by a link in a message to it."""

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django.http import HttpRequest

from accounts.models import User
from kapture.audit.services import record


def ask_for_address(request: HttpRequest, user: User, email: str) -> None:
    """Send a link to a new address, which replaces the present one when it is followed; the last wish counts.

    An address with an account of its own looks the same here, and its owner gets a message instead of a link.
    """
    taken = User.objects.exclude(pk=user.pk).filter(email=email).exists()
    EmailAddress.objects.add_new_email(request, user, email, send_verification=not taken)
    record(user, "accounts.email_change_asked", user)
    if taken and ratelimit.consume(request, action="confirm_email", key=email):
        get_adapter().send_mail("account/email/address_in_use", email, {})


def forget_wish(user: User) -> None:
    """Keep the present address: links sent before lead nowhere."""
    EmailAddress.objects.filter(user=user, verified=False).exclude(email=user.email).delete()


def wished_address(user: User) -> str:
    """The address that waits for its confirmation; empty when none does."""
    found = EmailAddress.objects.filter(user=user, verified=False).exclude(email=user.email).order_by("-pk").first()
    return str(found.email) if found else ""
