"""What the plans page offers: each plan in plain words with what can be done about it, and top-ups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from billing.fitting import Fit, Replay, replay
from billing.membership import Membership
from billing.models import Plan, TopUpPack
from billing.queries import SINGULAR, in_sentence, price
from kapture.core.choices import UsageKind
from kapture.web.formats import filesize_si

GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan as people read it: (figure, noun) of each kind, further lines, and how it would have done for them.

    `buy` offers to pay for it here, `manage` to change to it at Stripe; `closed` says why it can never be bought.
    """

    plan: Plan
    price: str
    allowances: tuple[tuple[int, str], ...]
    lines: tuple[str, ...]
    current: bool
    best: bool
    verdicts: tuple[str, ...]
    buy: bool
    manage: bool
    closed: str


@dataclass(frozen=True, slots=True)
class PackOffer:
    """Units for sale once; `buy` when they can be paid for here."""

    pack: TopUpPack
    kind: UsageKind
    price: str
    buy: bool


@dataclass(frozen=True, slots=True)
class Offers:
    """The whole page; `based_on` says what the recommendation goes by, empty when there is nothing to go by."""

    plans: tuple[Offer, ...]
    packs: tuple[PackOffer, ...]
    based_on: str
    none_fits: bool


def offers(user: Any, member: Membership, now: datetime) -> Offers:
    """The public plans (and the current one even if it is not public), and the public packs; in four queries."""
    public = list(Plan.objects.filter(is_public=True))
    plans = public if member.plan in public else [member.plan, *public]
    lately = replay(user, plans, now)
    best = lately.best
    return Offers(
        tuple(_offer(plan, member, lately, best) for plan in plans),
        tuple(_pack(pack, member) for pack in TopUpPack.objects.filter(is_public=True)),
        _based_on(lately),
        bool(lately.fits) and best is None,
    )


def _offer(plan: Plan, member: Membership, lately: Replay, best: Fit | None) -> Offer:
    current, sold = plan == member.plan, plan.is_public and bool(plan.stripe_price_id)
    fit = lately.of(plan)
    return Offer(
        plan,
        price(plan),
        tuple((plan.limit(kind), str(kind.label)) for kind in UsageKind),
        described(plan),
        current,
        best is not None and best.plan == plan,
        _verdicts(fit, lately) if fit is not None else (),
        buy=sold and not current and not member.why_not,
        manage=not current and member.unfinished and member.can_manage and not member.granted,
        closed="" if current or sold else _unsold(plan),
    )


def _unsold(plan: Plan) -> str:
    return "You are on it whenever you pay for no other." if plan.is_default else "It cannot be bought online."


def _pack(pack: TopUpPack, member: Membership) -> PackOffer:
    return PackOffer(pack, UsageKind(pack.kind), price(pack), member.sells and bool(pack.stripe_price_id))


def described(plan: Plan) -> tuple[str, ...]:
    """Everything besides the units, in plain words."""
    kept = f"Media kept for {plan.retention_days:,} days" if plan.retention_days else "Media kept until you delete it"
    return (
        f"{storage(plan.storage_bytes)} of storage",
        kept,
        f"{plan.concurrent_downloads:,} download{'' if plan.concurrent_downloads == 1 else 's'} at once",
        f"{plan.requests_per_minute:,} API requests a minute",
        *(words(flag) for flag in plan.flags),
    )


def words(flag: str) -> str:
    """The name of a feature as people read it: early_access is Early access."""
    text = str(flag).replace("_", " ").replace("-", " ").strip()
    return text[:1].upper() + text[1:]


def storage(size: int) -> str:
    """A plan's storage, which is set in whole GiB as a rule."""
    whole, rest = divmod(size, GIB)
    return f"{whole:,} GiB" if whole and not rest else filesize_si(size)


def _verdicts(fit: Fit, lately: Replay) -> tuple[str, ...]:
    found = [
        f"Would have refused {one.units:,} {_noun(one.kind, one.units)}, from {_day(one.since)} on"
        if one.units
        else f"Would have run out of {_noun(one.kind, 0)} on {_day(one.since)}"
        for one in fit.refused
    ]
    if fit.storage_short:
        found.append(f"You store {filesize_si(lately.stored)} now, more than it keeps")
    return tuple(found) or ("Would have refused nothing",)


def _noun(kind: UsageKind, units: int) -> str:
    return in_sentence(SINGULAR[kind] if units == 1 else str(kind.label))


def _based_on(lately: Replay) -> str:
    """What was replayed, in words: "October 2026", "September and October 2026", "the last 30 days"."""
    if not lately.fits:
        return ""
    return _listed(lately.months) if lately.months else "the last 30 days"


def _listed(months: Sequence[datetime]) -> str:
    last = months[-1]
    names = [f"{start:%B}" if start.year == last.year else f"{start:%B %Y}" for start in months[:-1]]
    end = f"{last:%B %Y}"
    return f"{', '.join(names)} and {end}" if names else end


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
