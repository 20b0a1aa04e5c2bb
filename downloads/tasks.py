"""Periodic work of downloads."""

from celery import shared_task
from django.utils import timezone

from downloads.cleanup import cleanup_media
from downloads.looking import forget_looks
from downloads.performing import sweep_scratch
from kapture.gateways.media.standing import ask_service


@shared_task(name="downloads.sweep_scratch")
def sweep() -> None:
    """Remove the working folders that dead attempts left on this machine."""
    sweep_scratch()


@shared_task(name="downloads.ask_service")
def ask() -> None:
    """Ask the machine that fetches for this one, where there is one, how it stands; health pages show its answer."""
    ask_service()


@shared_task(name="downloads.cleanup_media")
def cleanup() -> None:
    """Let media go that is too old for its owner's plan, empty the trash, and sweep the store."""
    cleanup_media(timezone.now())


@shared_task(name="downloads.forget_looks")
def forget_old_looks() -> None:
    """Delete the sheets that nobody comes back to."""
    forget_looks()
