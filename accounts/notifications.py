"""Telling people things, on the page and by e-mail."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Notification, User
from kapture.audit.services import record

# More are counted as this many: nobody reads the difference.
MOST_COUNTED = 100
USAGE = "billing.usage"
# What concerns the safety of an account is sent whatever somebody likes.
ALWAYS = ("accounts.security", "accounts.suspended", "accounts.restored")
ICONS = {
    "accounts.security": "shield-alert",
    "accounts.suspended": "ban",
    "accounts.restored": "circle-check",
    "accounts.impersonated": "eye",
    "billing.usage": "gauge",
    "billing": "credit-card",
}


def notify(user: Any, kind: str, title: str, *, body: str = "", path: str = "", mail: bool = False) -> Notification:
    """Tell somebody something in the caller's transaction; with `mail` it is also sent to their address."""
    return Notification.objects.create(
        owner=user, kind=kind, title=title[:160], body=body[:500], path=path, wants_mail=mail
    )


def icon_of(kind: str) -> str:
    """What stands beside a notification of a kind."""
    return ICONS.get(kind) or ICONS.get(kind.partition(".")[0], "bell")


def unread(user: Any) -> int:
    """How many notifications somebody has not read, counted no further than `MOST_COUNTED`."""
    return int(Notification.objects.for_user(user).filter(read_at=None).values("pk")[:MOST_COUNTED].count())


def open_one(user: User, pk: UUID) -> Notification:
    """One notification, which counts as read from now on; raises `NotFound` when it is not the user's."""
    row: Notification = Notification.objects.fetch(user, pk)
    if row.read_at is None:
        Notification.objects.filter(pk=row.pk, read_at=None).update(read_at=timezone.now())
    return row


def read_all(user: User, until: datetime) -> int:
    """Count everything that was there at a moment as read; answers how many were not."""
    rows = Notification.objects.for_user(user).filter(read_at=None, created_at__lte=until)
    return int(rows.update(read_at=timezone.now()))


def choose_mails(user: User, *, usage: bool, account: bool) -> None:
    """Keep what somebody wants by e-mail; what waits and is not wanted any more is not sent."""
    with transaction.atomic():
        user.mails_usage, user.mails_account = usage, account
        user.save(update_fields=["mails_usage", "mails_account"])
        waiting = Notification.objects.for_user(user).filter(wants_mail=True, mailed_at=None).exclude(kind__in=ALWAYS)
        if not usage:
            waiting.filter(kind=USAGE).update(wants_mail=False)
        if not account:
            waiting.exclude(kind=USAGE).update(wants_mail=False)
        record(user, "accounts.mails_chosen", user, usage=usage, account=account)
