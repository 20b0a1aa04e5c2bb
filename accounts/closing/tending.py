"""Seeing to it that every closing comes to its end, and that nothing comes back after it."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from accounts.closing.performing import KIND
from accounts.closing.register import Stage, parts
from accounts.closing.traces import forget_events_since
from accounts.models import Closing, User
from kapture.core.errors import DomainError
from kapture.jobs.models import ACTIVE, Job
from kapture.jobs.services import enqueue

# For so long a request that was under way, a vendor's last word or a worker thought dead may still leave something.
LATE = timedelta(days=1)

logger = logging.getLogger(__name__)


def tend() -> None:
    """Go on with closings nobody works on, and erase what came after the end of others; again changes nothing."""
    resume()
    erase_late()


def resume() -> int:
    """Make a new job for each closing whose job gave up; answers how many there were."""
    worked_on = Job.objects.filter(pk=OuterRef("job_id"), state__in=ACTIVE)
    resumed = 0
    with transaction.atomic():
        idle = Closing.objects.filter(~Exists(worked_on), finished_at=None)
        for closing in idle.select_for_update(skip_locked=True, of=("self",)):
            job = enqueue(None, KIND, {}, title="Closing of an account", subject_id=closing.pk)
            Closing.objects.filter(pk=closing.pk).update(job_id=job.pk, updated_at=Now())
            resumed += 1
    return resumed


def erase_late() -> None:
    """Erase again for everybody whose account was closed within the last day, and what vendors told meanwhile."""
    since = timezone.now() - LATE
    for user in User.objects.filter(closing__finished_at__gte=since):
        try:
            for part in parts(Stage.ERASE):
                part.do(user)
        except DomainError as error:
            logger.warning("what came late for %s is not erased yet: %s", user.pk, error)
    forget_events_since(since)
