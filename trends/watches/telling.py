"""Telling people what their watches found: on the page, by e-mail, and at an address of their own."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import Notification
from accounts.notifications import notify
from billing.queries import month
from kapture.core.errors import UsageExceeded
from kapture.core.ids import new_id
from kapture.jobs.models import Job
from kapture.jobs.services import enqueue
from trends.models import Alert, Watch, WatchRun
from trends.watches.queries import alerts_of
from trends.watches.specs import WEBHOOK_KIND
from trends.watches.wording import figure

ALERT = "trends.alert"
SKIPPED = "trends.watch_skipped"
NAMED = 3
# What one message holds; the rest is counted in it.
MOST_POSTED = 50


def tell_alerts(run: WatchRun) -> None:
    """Tell the owner of a watch what a run of it raised, once, in the transaction that ends the run."""
    watch = Watch.objects.select_related("owner").get(pk=run.watch_id)
    raised = list(alerts_of(watch).filter(created_at__gte=run.created_at).order_by("-value", "pk"))
    if not raised:
        return
    title = f"{len(raised)} alert{'' if len(raised) == 1 else 's'} from {watch.name}"
    body = "\n".join(f"{alert.trend.headline}: {words_of(alert)}" for alert in raised[:NAMED])
    more = f"\nand {len(raised) - NAMED} more" if len(raised) > NAMED else ""
    notify(watch.owner, ALERT, title, body=body + more, path=path_of(watch), mail=watch.mails)
    if watch.webhook_url:
        send(watch, {"id": f"msg_{new_id().hex}", "body": message(watch, run, raised)})


def send(watch: Watch, payload: dict[str, Any]) -> Job:
    """Have a message posted to the watch's address; sent again, it keeps its id."""
    return enqueue(watch.owner, WEBHOOK_KIND, payload, title=f"Alerts of {watch.name}", subject_id=watch.pk)


def tell_skipped(watch: Watch, refusal: UsageExceeded, now: datetime) -> None:
    """Say once a month that a watch is skipped because the month's scrapes are used up."""
    path = path_of(watch)
    said = Notification.objects.filter(owner=watch.owner, kind=SKIPPED, path=path, created_at__gte=month(now)[0])
    if not said.exists():
        title = f"{watch.name} is skipped until you have scrapes again"
        notify(watch.owner, SKIPPED, title, body=refusal.message, path=path)


def path_of(watch: Watch) -> str:
    """The page of a watch."""
    return reverse("trends:watch", args=[watch.pk])


def words_of(alert: Alert) -> str:
    """What an alert says, in words: Views 12,000 (at least 10,000)."""
    rule = alert.rule
    value, least = figure(rule.metric, alert.value), figure(rule.metric, rule.at_least)
    return f"{rule.get_metric_display()} {value} (at least {least})"


def message(watch: Watch, run: WatchRun, raised: list[Alert]) -> dict[str, Any]:
    """The body of a message about alerts, in the names of the API."""
    return {
        "type": "watch.alerts",
        "timestamp": max(alert.created_at for alert in raised).isoformat(),
        "data": {
            "watch": {"id": str(watch.pk), "name": watch.name},
            "run": {"id": str(run.pk), "slot": run.slot.isoformat()},
            "alerts": [_wire(alert) for alert in raised[:MOST_POSTED]],
            "more": max(0, len(raised) - MOST_POSTED),
        },
    }


def _wire(alert: Alert) -> dict[str, Any]:
    trend = alert.trend
    return {
        "id": str(alert.pk),
        "rule": {"metric": alert.rule.metric, "atLeast": alert.rule.at_least},
        "value": alert.value,
        "reach": alert.reach,
        "raisedAt": alert.raised_at.isoformat(),
        "trend": {
            "id": str(trend.pk),
            "platform": trend.platform,
            "url": trend.url,
            "title": trend.headline,
            "author": trend.byline,
        },
    }
