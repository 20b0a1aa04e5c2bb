"""Sending notifications by e-mail: late when the mail server is away, and never lost."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import Notification
from accounts.notifications import ALWAYS
from kapture.core.locks import Lock

MOST_AT_ONCE = 200
# What could not be sent for so long is old news; it stays on the page.
LATEST = timedelta(days=7)

logger = logging.getLogger(__name__)


def send_waiting() -> int:
    """Send the e-mails that wait, oldest first, and answer how many were sent.

    One process sends at a time, outside any transaction, and each message is noted as soon as the server has it. A
    message the server refuses is left for the next time; a server that does not answer ends this one.
    """
    with _alone() as alone:
        rows = list(_waiting()) if alone else []
        if not rows:
            return 0
        try:
            with get_connection() as server:
                return sum(_send(row, server) for row in rows)
        except (SMTPException, OSError) as error:
            logger.warning("the mail server did not answer: %s", error)
            return 0


def _waiting() -> Iterator[Notification]:
    """What nobody was told by e-mail yet, but for people whose account was closed."""
    rows = Notification.objects.filter(
        wants_mail=True, mailed_at=None, created_at__gt=timezone.now() - LATEST, owner__closing=None
    )
    yield from rows.select_related("owner").order_by("created_at", "id")[:MOST_AT_ONCE]


def _send(row: Notification, server: BaseEmailBackend) -> bool:
    message = EmailMessage(_one_line(row.title), _text(row), to=[row.owner.email], connection=server)
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        if all(code >= 500 for code, _ in error.recipients.values()):
            logger.warning("notification %s has no taker", row.pk)
            Notification.objects.filter(pk=row.pk).update(wants_mail=False)
        return False
    except (SMTPDataError, SMTPSenderRefused) as error:
        logger.warning("notification %s was refused: %s", row.pk, error)
        return False
    Notification.objects.filter(pk=row.pk).update(mailed_at=timezone.now())
    return True


def _text(row: Notification) -> str:
    context = {"row": row, "site_url": settings.SITE_URL, "optional": row.kind not in ALWAYS}
    return render_to_string("accounts/email/notification.txt", context)


def _one_line(text: str) -> str:
    """A subject: a line break in it would begin another header."""
    return " ".join(text.split())


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other process sends; it is let in again when this one is done, or dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, 0)", [Lock.MAIL])
        (taken,) = cursor.fetchone()
    try:
        yield bool(taken)
    finally:
        if taken:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, 0)", [Lock.MAIL])
