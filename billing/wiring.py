"""Where billing meets the ground floor: jobs settle their holds, Stripe's events find their handler."""

from accounts.models import User
from billing import exporting, leaving, people
from billing.demo import put_on_sale
from billing.frame import meters, plan_name
from billing.models import Plan
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
exporting.register_all()
shell.register("usage", meters)
shell.register("plan", plan_name)
