"""Telling people things."""

from typing import Any

from accounts.models import Notification


def notify(user: Any, kind: str, title: str, *, body: str = "", path: str = "", mail: bool = False) -> Notification:
    """Tell somebody something in the caller's transaction; with `mail` it is also sent to their address."""
    return Notification.objects.create(
        owner=user, kind=kind, title=title[:160], body=body[:500], path=path, wants_mail=mail
    )
