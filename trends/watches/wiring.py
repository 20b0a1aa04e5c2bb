"""Where watches enter the registers: of scrapes, of jobs, of demo content."""

from django.utils import timezone

from accounts.models import User
from kapture.core.choices import Platform
from kapture.core.demo import seeds
from kapture.jobs import kinds
from kapture.jobs.kinds import JobKind
from trends import listeners
from trends.models import Metric, Watch
from trends.watches import tasks
from trends.watches.alerts import note
from trends.watches.delivering import ATTEMPTS, DEADLINE, perform_post, retry_post
from trends.watches.grading import take_look
from trends.watches.queries import schedule_of
from trends.watches.runs import close
from trends.watches.services import create_watch, run_now
from trends.watches.specs import WEBHOOK_KIND, RuleSpec, WatchSpec

__all__ = ["tasks"]  # workers learn of tasks by loading them


def keep_watch(user: User) -> None:
    """Let the demo user have a watch that has just run, so that its pages have something real to show."""
    rules = (RuleSpec(Metric.MULTIPLE, 5.0), RuleSpec(Metric.VELOCITY, 10_000.0))
    platforms = (Platform.YOUTUBE, Platform.TIKTOK)
    watch = create_watch(user, WatchSpec("Desk setups", ("desk setup", "studio lighting"), platforms, 20, rules=rules))
    # Its next slot is the one after this run.
    Watch.objects.filter(pk=watch.pk).update(next_run_at=schedule_of(watch).after(timezone.now()))
    run_now(user, watch.pk)


seeds.append(keep_watch)
listeners.looked.append(note)
listeners.ended.append(close)
listeners.ended.append(take_look)
kinds.register(
    JobKind(
        name=WEBHOOK_KIND,
        label="Alerts to an address",
        queue="default",
        perform=perform_post,
        retry=retry_post,
        deadline=DEADLINE,
        max_attempts=ATTEMPTS,
    )
)
