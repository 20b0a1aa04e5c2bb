"""What staff may do in admin: a line for each kind of row. A kind without a line fails the tests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Office:
    """What somebody with every permission may do to the rows of a kind, beyond looking at them.

    `add` and `change` are forms that are accepted; without one nobody may. `actions` and `pages` (of one row) are those
    of its admin, with what is sent to them. `chiefs` says that only superusers may do any of it.
    """

    of: str = ""
    add: Mapping[str, Any] = field(default_factory=dict)
    change: Mapping[str, Any] = field(default_factory=dict)
    delete: bool = False
    actions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    chiefs: bool = False


LOOKED_AT = Office()
WHY = {"reason": "Because the tests want to know"}
PASSWORD = {"password1": "staple battery horse", "password2": "staple battery horse", "usable_password": "true"}
PLAN = {
    "name": "Huge", "slug": "huge", "price_cents": 9900, "scrapes": 9, "downloads": 9, "ai_generations": 9,
    "requests_per_minute": 60, "storage_bytes": 1, "flags": "[]", "position": 9,
}  # fmt: skip

OFFICES: dict[str, Office] = {
    "account.emailaddress": LOOKED_AT,
    "accounts.apikey": Office("key", actions={"revoke_keys": {}}),
    "accounts.impersonation": LOOKED_AT,
    "accounts.user": Office(
        "person",
        add={"email": "new@example.com", **PASSWORD},
        change={"email": "alice@example.com", "name": "Alicia", "avatar_url": ""},
        actions={"suspend_people": WHY, "restore_people": WHY},
        pages={"look": WHY, "suspend": WHY, "restore": WHY, "password": {**PASSWORD, "set-password": "1"}},
    ),
    "audit.auditevent": LOOKED_AT,
    "auth.group": Office(
        "group", add={"name": "New"}, change={"name": "Renamed"}, delete=True, actions={"delete_selected": {}}, chiefs=True,
    ),
    "billing.plan": Office("plan", add=PLAN, change={**PLAN, "slug": "other"}),
    "billing.reservation": LOOKED_AT,
    "billing.subscription": Office("subscription", add={"granted_plan": "plan"}, change={"granted_plan": "plan"}),
    "billing.usageperiod": LOOKED_AT,
    "django_celery_beat.periodictask": LOOKED_AT,
    "downloads.download": LOOKED_AT,
    "ideaboards.generation": LOOKED_AT,
    "ideaboards.ideaboard": LOOKED_AT,
    "inbox.webhookevent": LOOKED_AT,
    "jobs.job": Office("job", actions={"cancel_jobs": {}, "retry_jobs": {}}),
    "objects.storedobject": LOOKED_AT,
    "trends.platformtotal": LOOKED_AT,
    "trends.scrape": LOOKED_AT,
    "trends.trend": LOOKED_AT,
    "usersessions.usersession": LOOKED_AT,
}  # fmt: skip
