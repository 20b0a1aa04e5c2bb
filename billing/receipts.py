"""What each piece of work held, what of it was charged and given back, and why, in words."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from billing.history import BY_MONTH
from billing.models import Reservation
from billing.queries import SINGULAR, month
from billing.subjects import Subject, subjects
from kapture.core.choices import UsageKind
from kapture.jobs.models import Job, State

ORDER = ("-created_at", "-id")
# What the rooms and the ledger give as the reason of an end, where a code or a short note is not yet a sentence.
REASONS = {
    "completed": "Completed.",
    "cancelled": "You cancelled it.",
    "stopped after the provider was asked": "You stopped it after the writing had begun.",
    "written before it was cancelled": "You cancelled it while it was being written.",
    "never finished": "Nothing came back within ten minutes.",
}


def holds(user: Any, starts_at: datetime) -> QuerySet[Reservation]:
    """What was held, settled and released in the month that starts then, newest first, a row for each period.

    A month's own holds belong to it for ever; one of a top-up belongs to the month in which it was made.
    """
    end = month(starts_at)[1]
    of_month = BY_MONTH & Q(period__starts_at=starts_at)
    of_top_up = ~BY_MONTH & Q(created_at__gte=starts_at, created_at__lt=end)
    rows = Reservation.objects.filter(of_month | of_top_up, period__user_id=user.pk)
    return rows.select_related("period").order_by(*ORDER)


def receipts(user: Any, starts_at: datetime, kind: UsageKind | None = None) -> QuerySet[Reservation]:
    """The first hold of each piece of work of a month, newest first."""
    earlier = Reservation.objects.filter(source_id=OuterRef("source_id"), id__lt=OuterRef("id"))
    rows = holds(user, starts_at).filter(~Exists(earlier))
    return rows if kind is None else rows.filter(period__kind=kind)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One piece of work: units held (what was quoted), charged and given back; `from_top_ups` of the charged or held.

    `outcome` and `why` are words, `tone` colours them, `open` ones still run, `url` leads to what it was for.
    """

    at: datetime
    kind: UsageKind
    title: str
    url: str
    amount: int
    settled: int
    from_top_ups: int
    outcome: str
    tone: str
    why: str
    open: bool

    @property
    def label(self) -> str:
        """The kind for people: Scrape, Download, AI generation."""
        return SINGULAR[self.kind]

    @property
    def released(self) -> int:
        """What was given back; nothing yet while it runs."""
        return 0 if self.open else self.amount - self.settled


def explained(user: Any, rows: Sequence[Reservation]) -> list[Receipt]:
    """Receipts of first holds: with what else the work held, its job, and what it was for; the same few queries."""
    ids = [row.source_id for row in rows]
    parts: dict[UUID, list[Reservation]] = defaultdict(list)
    for part in Reservation.objects.filter(source_id__in=ids).select_related("period").order_by("id") if ids else ():
        parts[part.source_id].append(part)
    jobs = {job.pk: job for job in Job.objects.filter(pk__in=ids)} if ids else {}
    known = subjects(user, ids, jobs)
    return [_explained(parts[pk], jobs.get(pk), known.get(pk, Subject())) for pk in ids]


def _explained(parts: Sequence[Reservation], job: Job | None, subject: Subject) -> Receipt:
    first, kind = parts[0], UsageKind(parts[0].period.kind)
    amount, settled = sum(part.amount for part in parts), sum(part.settled for part in parts)
    is_open = any(part.state == Reservation.State.HELD for part in parts)
    extra = [part for part in parts if part.period.source != part.period.Source.MONTH]
    title = subject.title or (job.title if job is not None else "") or SINGULAR[kind]
    return Receipt(
        first.created_at,
        kind,
        title,
        subject.url,
        amount,
        settled,
        sum(part.amount if is_open else part.settled for part in extra),
        *_outcome(amount, settled, is_open, job),
        why=_why(first, amount, settled, job, subject),
        open=is_open,
    )


def _outcome(amount: int, settled: int, is_open: bool, job: Job | None) -> tuple[str, str]:
    """Words and tone of how it ended."""
    if is_open:
        return "Held while it runs", "accent"
    if settled:
        return ("Charged" if settled == amount else "Charged in part"), "ok"
    if job is None or job.state == State.COMPLETED:
        return "Not charged", "neutral"
    return f"{job.get_state_display()}, not charged", "bad" if job.state == State.FAILED else "neutral"


def _why(first: Reservation, amount: int, settled: int, job: Job | None, subject: Subject) -> str:
    """Why that much was charged, as a sentence or two."""
    if first.state == Reservation.State.HELD:
        return "What it does not need is given back."
    if job is not None and job.state == State.FAILED:
        return job.error_message or "It failed."
    if 0 < settled < amount:
        return f"{settled:,} of {amount:,} were needed; the rest was given back."
    if not settled and subject.note:
        return subject.note
    if not settled and job is not None and job.state == State.COMPLETED:
        return "Completed, and nothing had to be paid for."
    return REASONS.get(first.reason, "Completed." if settled else "It failed.")
