"""Where billing meets the ground floor: jobs settle their holds, Stripe's events find their handler."""

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from billing import leaving, people
from billing.demo import put_on_sale
from billing.models import Plan
from billing.queries import KindUsage, plan_of, usage
from billing.services import choose_plan, settle
from billing.services.reconciling import RECONCILE, SYNC
from billing.webhooks import HANDLER, KINDS
from kapture.core.demo import every_start, seeds
from kapture.core.health import probes
from kapture.gateways.health import vendor
from kapture.inbox import handlers
from kapture.jobs import kinds
from kapture.jobs.lifecycle import ended_hooks
from kapture.jobs.models import Job
from kapture.web import shell


def settle_job(job: Job, units: int) -> None:
    """Settle (or, with no units, release) what was held for a job, in its terminal transaction."""
    settle(job.pk, units, job.error_code or job.state)


def meters(request: HttpRequest) -> list[KindUsage]:
    """The meters of the running month."""
    return usage(request.user, timezone.now())


def plan_name(request: HttpRequest) -> str:
    """The plan somebody is on."""
    return plan_of(request.user).name


def treat(user: User) -> None:
    """Put the demo user on a plan that leaves room to try things."""
    choose_plan(user, Plan.objects.get(slug="creator"), user)


ended_hooks.append(settle_job)
people.register_all()
seeds.append(treat)
every_start.append(put_on_sale)
probes["stripe"] = vendor("stripe", "STRIPE_SECRET_KEY")
kinds.register(SYNC)
kinds.register(RECONCILE)
for kind in KINDS:
    handlers.register("stripe", kind, HANDLER)
leaving.register_all()
shell.register("usage", meters)
shell.register("plan", plan_name)
