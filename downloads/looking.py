"""Looks at pasted links before anything is spent: one short job for a whole sheet, a few looks at a time."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from time import monotonic
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from downloads.specs import MAX_BULK, DownloadSpec
from kapture.core.errors import DomainError, InvalidInput, RateLimited
from kapture.core.locks import Lock, wait_for
from kapture.gateways.media import switch
from kapture.gateways.media.reasons import FetchFailed
from kapture.gateways.media.types import About
from kapture.jobs.models import ACTIVE, Job
from kapture.jobs.run import Run
from kapture.jobs.services import enqueue

# The kind of the jobs that look.
LOOK_KIND = "downloads.look"
# Each look is a process of its own.
AT_ONCE = 3
MOST_SHEETS = 3
WHOLE_SECONDS = 180.0
DEADLINE = timedelta(minutes=5)
KEPT = timedelta(days=7)
TICK = 0.25
SHOWN = (
    "title", "author", "extractor", "webpage_url", "poster_url", "duration", "size", "width", "height", "heights",
    "sizes",
)  # fmt: skip


def ask_looks(user: Any, links: Sequence[DownloadSpec | tuple[str, DomainError]], title: str = "") -> Job:
    """Ask for a look at each link; free of charge. A refused link keeps its refusal.

    Raises `InvalidInput` for none or too many, `RateLimited` while three sheets of the same person are being looked at.
    """
    if not 1 <= len(links) <= MAX_BULK:
        raise InvalidInput({"urls": [f"From 1 to {MAX_BULK} links; there are {len(links):,}."]})
    payload = {"links": [_link(link) for link in links]}
    with transaction.atomic():
        wait_for(Lock.LINKS, user)
        if Job.objects.for_user(user).filter(kind=LOOK_KIND, state__in=ACTIVE).count() >= MOST_SHEETS:
            raise RateLimited("Other links are being looked at. Wait a moment.", retry_after=5)
        words = title or (f"Look at {len(links)} links" if len(links) > 1 else "Look at a link")
        return enqueue(user, LOOK_KIND, payload, title=words)


def _link(link: DownloadSpec | tuple[str, DomainError]) -> dict[str, Any]:
    if isinstance(link, DownloadSpec):
        wish = link.wish.key if link.wish else None
        return {"url": link.url, "wish": wish, "subtitles": link.subtitles, "lane": link.lane}
    url, refusal = link
    texts = refusal.details.values() if isinstance(refusal, InvalidInput) else ()
    message = next((text for one in texts for text in one), refusal.message)
    return {"url": url, "refused": message}


def forget_looks(limit: int = 10_000) -> int:
    """Delete looks that ended more than a week ago, as nobody comes back to such a sheet; returns how many."""
    old = Job.objects.filter(kind=LOOK_KIND, finished_at__lt=timezone.now() - KEPT).order_by("finished_at")
    ids = list(old.values_list("pk", flat=True)[:limit])
    Job.objects.filter(pk__in=ids).delete()
    return len(ids)


def perform_looks(run: Run) -> None:
    """Look at each link that was not looked at yet; what is seen is kept at once, so that a sheet fills up."""
    seen: dict[str, Any] = dict(run.job.result.get("seen") or {})
    ends = monotonic() + WHOLE_SECONDS
    links = run.payload["links"]
    todo = [at for at, link in enumerate(links) if "refused" not in link and str(at) not in seen]
    with _looking(links, todo, run.stopped.is_set) as looks:
        pending = set(looks)
        while pending and monotonic() < ends:
            run.check()
            done, pending = wait(pending, TICK, FIRST_COMPLETED)
            if done:
                seen |= {str(looks[one]): one.result() for one in done}
                _keep(run, seen)
    with run.finish({"seen": seen}, units=0):
        pass


@contextmanager
def _looking(
    links: Sequence[Any], todo: Sequence[int], stopped: Callable[[], bool]
) -> Iterator[dict["Future[dict[str, Any]]", int]]:
    """A future for each link; leaving cancels those that have not begun, and waits for those that have."""
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="look")
    try:
        yield {pool.submit(_look, links[at]["url"], stopped): at for at in todo}
    finally:
        pool.shutdown(cancel_futures=True)


def _look(url: str, stopped: Callable[[], bool]) -> dict[str, Any]:
    try:
        return {"about": _short(switch.preview(url, stopped=stopped))}
    except FetchFailed as failure:
        return {"problem": _problem(failure.reason, failure.message, failure.remedy, failure.retryable)}
    except DomainError as error:
        return {"problem": _problem(error.code.lower(), error.message, "Try again in a moment.", retryable=True)}
    finally:
        connection.close()


def _short(about: About) -> dict[str, Any]:
    """What a sheet shows; descriptions and chapters would only weigh."""
    values = asdict(about)
    return {name: values[name] for name in SHOWN}


def read_about(values: dict[str, Any]) -> About:
    """What a look saw, as it was kept."""
    sizes = tuple((height, size) for height, size in values["sizes"])
    return About(**{**values, "heights": tuple(values["heights"]), "sizes": sizes})


def _problem(code: str, message: str, remedy: str, retryable: bool) -> dict[str, Any]:
    return {"code": code, "message": message, "remedy": remedy, "retryable": retryable}


def _keep(run: Run, seen: dict[str, Any]) -> None:
    with run.step():
        Job.objects.filter(pk=run.job.pk).update(result={"seen": seen}, progress=len(seen) / len(run.payload["links"]))
