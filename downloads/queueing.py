"""Pausing downloads, going on with them, and starting one before the others."""

from typing import Any

from downloads.models import Download
from downloads.specs import JOB_KIND
from kapture.jobs import holding


def pause_download(actor: Any, download: Download) -> Download:
    """Let a download wait until it is told to go on; what had come of it is fetched anew. `Conflict` when it ended."""
    holding.pause(download.job, actor)
    return download


def resume_download(actor: Any, download: Download) -> Download:
    """Let a paused download go on in its lane; `Conflict` when it ended."""
    holding.resume(download.job, actor)
    return download


def start_download_now(actor: Any, download: Download) -> Download:
    """Put a download that waits, is paused or is meant for the night before its owner's others; `Conflict` at its end.

    It takes the next place that becomes free; nothing that runs is stopped for it.
    """
    holding.start_now(download.job, actor)
    return download


def pause_all(actor: Any) -> int:
    """Pause whatever of somebody's downloads runs or waits; returns how many."""
    return holding.pause_all(actor, JOB_KIND)


def resume_all(actor: Any) -> int:
    """Let all paused downloads go on; returns how many."""
    return holding.resume_all(actor, JOB_KIND)
