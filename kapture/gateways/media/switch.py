"""Who fetches: the engine of this machine, or with YTDLP_SERVICE_URL the same engine on another one."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from kapture.gateways.media import engine, remote
from kapture.gateways.media.types import About, Fetched, FetchRequest, Progress


def is_remote() -> bool:
    """Whether another machine fetches for this one."""
    return bool(settings.YTDLP_SERVICE_URL)


def fetch(
    request: FetchRequest,
    *,
    scratch: Path,
    on_progress: Callable[[Progress], None],
    stopped: Callable[[], bool],
    on_about: Callable[[About], None] = lambda _: None,
) -> Fetched:
    """Fetch one address into an empty folder; raises `FetchFailed` with its reason, and then the folder is empty again.

    Returns with the file, its thumbnail and its captions in `scratch`, which the caller then owns. Nothing that was
    started for it outlives this call, wherever it ran.
    """
    door = remote.fetch if is_remote() else engine.fetch
    return door(request, scratch=scratch, on_progress=on_progress, stopped=stopped, on_about=on_about)


def preview(
    url: str, *, max_seconds: float = engine.PREVIEW_SECONDS, stopped: Callable[[], bool] = lambda: False
) -> About:
    """What is at an address, without fetching it; raises `FetchFailed`. Takes seconds, at most `max_seconds`.

    A look that another machine has begun is not `stopped`: it is one short question.
    """
    if is_remote():
        return remote.preview(url, max_seconds=max_seconds)
    return engine.preview(url, max_seconds=max_seconds, stopped=stopped)
