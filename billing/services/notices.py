"""Telling somebody, once a month and level, that an allowance runs low."""

from typing import Any
from uuid import UUID

from accounts.notifications import notify
from billing.models import UsageNotice
from kapture.core.choices import UsageKind

LEVELS = (100, 80)


def tell_level(user: Any, kind: UsageKind, period_id: UUID, before: int, after: int, limit: int) -> None:
    """Notify when a grant carried a month from below 80 or 100 per cent to it, in the grant's transaction.

    The month's row is locked by the grant, so of many grants at once exactly one crosses; a level crossed again, after
    something was given back, is not told again.
    """
    crossed = [level for level in LEVELS if before * 100 < level * limit <= after * 100]
    if not crossed:
        return
    level = crossed[0]
    if not UsageNotice.objects.get_or_create(period_id=period_id, percent=level)[1]:
        return
    noun = str(kind.label) if kind == UsageKind.AI_GENERATION else str(kind.label).lower()
    title = (
        f"All {limit:,} {noun} of this month are used" if level == 100 else f"{level} % of this month's {noun} are used"
    )
    notify(
        user,
        "billing.usage",
        title,
        body=f"{after:,} of {limit:,}, work that still runs included. A larger plan or a top-up gives more.",
        path="/usage/",
        mail=user.mails_usage,
    )
