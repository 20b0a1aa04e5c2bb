"""What of this room ends and goes when somebody leaves."""

from typing import Any

from django.db.models.functions import Now

from accounts.closing.scrubbing import erase
from ideaboards.models import Generation, Ideaboard


def stop_writing(user: Any) -> None:
    """End generations that are being written, so that nothing is kept of them and nothing charged."""
    running = Generation.objects.filter(owner=user, state=Generation.State.RUNNING)
    running.update(state=Generation.State.STOPPED, finished_at=Now(), updated_at=Now())


def erase_boards(user: Any) -> None:
    """Delete boards with sources and versions, and what was written for them."""
    erase(Generation.objects.filter(owner=user))
    erase(Ideaboard.objects.filter(owner=user))
