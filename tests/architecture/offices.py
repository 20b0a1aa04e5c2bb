"""What staff may do in admin: a line for each kind of row. A kind without a line fails the tests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Office:
    """What somebody with every permission may do to the rows of a kind, beyond looking at them.

    `add` and `change` are forms that are accepted; without one nobody may. `actions` and `pages` (of one row) are those
    of its admin, `lists` those above its list, with what is sent to them. `chiefs` says that only superusers may do any
    of it.
    """

    of: str = ""
    add: Mapping[str, Any] = field(default_factory=dict)
    change: Mapping[str, Any] = field(default_factory=dict)
    delete: bool = False
    actions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    lists: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    chiefs: bool = False


LOOKED_AT = Office()
WHY = {"reason": "Because the tests want to know"}
PASSWORD = {"password1": "staple battery horse", "password2": "staple battery horse", "usable_password": "true"}
PLAN = {
    "name": "Huge", "slug": "huge", "price_cents": 9900, "scrapes": 9, "downloads": 9, "ai_generations": 9,
    "concurrent_downloads": 2, "requests_per_minute": 60, "storage": 1, "flags": "early_access", "position": 9,
}  # fmt: skip
PACK = {"name": "Some", "kind": "scrape", "units": 7, "price_cents": 100, "position": 9}
FOR_ALICE = {**WHY, "person": "alice@example.com"}
UNITS = {**FOR_ALICE, "kind": "scrape", "units": 5, "decision": "00000000-0000-7000-8000-000000000001"}

OFFICES: dict[str, Office] = {
    "account.emailaddress": LOOKED_AT,
    "accounts.apikey": Office("key", actions={"revoke_keys": {}}),
    "accounts.impersonation": LOOKED_AT,
    "accounts.user": Office(
        "person",
        add={"email": "new@example.com", **PASSWORD},
        change={"email": "alice@example.com", "name": "Alicia", "avatar_url": ""},
        actions={"suspend_people": WHY, "restore_people": WHY},
        pages={
            **dict.fromkeys(("look", "suspend", "restore", "close"), WHY),
            "password": {**PASSWORD, "set-password": "1"},
        },
    ),
    "audit.auditevent": LOOKED_AT,
    "auth.group": Office(
        "group",
        add={"name": "New"},
        change={"name": "Renamed"},
        delete=True,
        actions={"delete_selected": {}},
        chiefs=True,
    ),
    "billing.checkout": LOOKED_AT,
    "billing.customer": Office("customer", actions={"read_chosen": {}}, pages={"read": {}}),
    "billing.invoice": LOOKED_AT,
    "billing.plan": Office(
        "plan", add=PLAN, change={**PLAN, "slug": "other"}, actions={"make_default": {}}, pages={"make-default": {}}
    ),
    "billing.reservation": LOOKED_AT,
    "billing.subscription": Office(
        "subscription",
        actions={"read_chosen": {}},
        pages={"read": {}},
        lists={"grant-plan": {**FOR_ALICE, "plan": "plan"}, "grant-units": UNITS, "take-back": FOR_ALICE},
    ),
    "billing.topuppack": Office("pack", add={**PACK, "name": "Others"}, change=PACK),
    "billing.usageperiod": LOOKED_AT,
    "django_celery_beat.periodictask": LOOKED_AT,
    "downloads.caption": LOOKED_AT,
    "downloads.download": LOOKED_AT,
    "downloads.evidence": LOOKED_AT,
    "downloads.keeping": LOOKED_AT,
    "downloads.policy": LOOKED_AT,
    "ideaboards.generation": LOOKED_AT,
    "ideaboards.ideaboard": LOOKED_AT,
    "inbox.webhookevent": Office("event", actions={"retry_events": {}}, pages={"retry": {}}),
    "jobs.job": Office("job", actions={"cancel_jobs": {}, "retry_jobs": {}}),
    "objects.storedobject": LOOKED_AT,
    **dict.fromkeys(
        (
            "trends.alert", "trends.category", "trends.change", "trends.mark", "trends.platformtotal", "trends.rule",
            "trends.savedview", "trends.scrape", "trends.trend", "trends.watch", "trends.watchrun", "trends.watchtrend",
        ),
        LOOKED_AT,
    ),
    "usersessions.usersession": LOOKED_AT,
}  # fmt: skip
