"""The last e-mail to somebody who leaves."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)


def say_goodbye(address: str) -> None:
    """Tell an address that its account is being deleted, after the request is committed.

    Tried once: to try again later the address would have to be kept. A mail server that is away holds nothing up.
    """
    text = render_to_string("accounts/email/closing.txt", {"site_url": settings.SITE_URL})
    try:
        send_mail("Your account is being deleted", text, None, [address])
    except (SMTPException, OSError) as error:
        # Only the kind of it, as its words may hold the address.
        logger.warning("the last e-mail of an account was not sent: %s", type(error).__name__)
