"""What failed, by reason, and asking again for all that failed alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from downloads.choices import State
from downloads.models import Download
from downloads.queries import downloads_of
from downloads.services import retry_download
from downloads.specs import MAX_BULK, DownloadQuery
from kapture.core.errors import Conflict, DomainError
from kapture.gateways.media.reasons import WORDINGS, Wording

MOST_REASONS = 20
SHOWN = 3
# The ends that a fetch names, and those of the job itself.
KNOWN: dict[str, Wording] = {
    **{reason.value: wording for reason, wording in WORDINGS.items()},
    "deadline": Wording("It took longer than it may.", "Try again later.", retryable=True),
    "worker_lost": Wording("The worker stopped several times while doing this.", "Try again.", retryable=True),
    "paused_too_long": Wording("It was paused for 30 days.", "Ask for it again if you still want it.", retryable=True),
    "storage_full": Wording(
        "Your storage was full.", "Delete what you no longer need, or choose a larger plan.", retryable=True
    ),
    "internal_error": Wording("Something broke on our side.", "Try again. Nothing was charged.", retryable=True),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Downloads that failed for one reason: how many, what happened, what helps, and the newest of them."""

    reason: str
    count: int
    message: str
    remedy: str
    retryable: bool
    rows: tuple[Download, ...]

    @property
    def tries(self) -> int:
        """How many of them one press tries again."""
        return min(self.count, MAX_BULK)


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of several: started, no longer there to try, and the refusal that ended it, if one did."""

    started: int
    skipped: int
    left: int
    refusal: DomainError | None

    @property
    def words(self) -> str:
        """In a sentence or two."""
        if not self.started and not self.refusal:
            return "There was nothing to try again."
        started = "1 download started again." if self.started == 1 else f"{self.started} downloads started again."
        refused = f" {self.left} not: {self.refusal.message}" if self.refusal else ""
        return f"{started if self.started else 'Nothing was started.'}{refused}"


def failures_of(user: Any) -> list[Failure]:
    """Somebody's failures by reason, the most frequent first; in two queries."""
    failed = downloads_of(user, DownloadQuery(states=(State.FAILED,)))
    counted = failed.order_by().values("reason").annotate(count=Count("pk")).order_by("-count", "reason")
    groups = list(counted[:MOST_REASONS])
    if not groups:
        return []
    rows = _newest(failed, [group["reason"] for group in groups])
    return [_failure(group["reason"], group["count"], rows.get(group["reason"], [])) for group in groups]


def _newest(failed: Any, reasons: Sequence[str]) -> dict[str, list[Download]]:
    """The newest of each reason, by one query: a short read along the index for each."""
    parts = [failed.filter(reason=reason).order_by("-created_at", "-id").values("pk")[:SHOWN] for reason in reasons]
    ids = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    found: dict[str, list[Download]] = {}
    for row in failed.filter(pk__in=[one["pk"] for one in ids]).order_by("-created_at", "-id"):
        found.setdefault(row.reason, []).append(row)
    return found


def _failure(reason: str, count: int, rows: Sequence[Download]) -> Failure:
    known, job = KNOWN.get(reason), rows[0].job if rows else None
    if known is None:
        # A word of another release: its own rows know what it means.
        known = Wording((job.error_message if job else "") or "It failed.", job.remedy if job else "", retryable=True)
    return Failure(reason, count, known.message, known.remedy, known.retryable, tuple(rows))


def retry_all(actor: Any, reason: str = "") -> Retried:
    """Ask again for the newest that failed, for a reason where one is given; at most 50, as far as quota reaches.

    Raises the refusal when not a single one could be started.
    """
    rows = downloads_of(actor, DownloadQuery(states=(State.FAILED,), reason=reason)).order_by("-created_at", "-id")
    return retry_each(actor, list(rows[:MAX_BULK]))


def retry_each(actor: Any, downloads: Sequence[Download]) -> Retried:
    """Ask for these again, in order, until something but a single one's own state refuses."""
    started = skipped = 0
    for index, download in enumerate(downloads):
        try:
            retry_download(actor, download)
        except Conflict:
            skipped += 1
        except DomainError as refusal:
            if not started:
                raise
            return Retried(started, skipped, len(downloads) - index, refusal)
        else:
            started += 1
    return Retried(started, skipped, 0, None)
