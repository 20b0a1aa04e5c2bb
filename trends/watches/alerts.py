"""What happens when a search of a watch has looked: what is new is noted, and rules raise alerts."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from kapture.core.crash import crashpoint
from trends.models import Alert, Mark, Metric, Rule, Scrape, Trend, Watch, WatchRun, WatchTrend
from trends.watches.queries import KeptLook, kept_looks
from trends.watches.rules import GROWTH, first_reaching, target_of


def note(scrape: Scrape, met: Sequence[UUID]) -> None:
    """Note the trends that a search of a watch met, in the transaction that stored them; other searches pass by."""
    if scrape.watch_run_id is None:
        return
    # Whoever deletes the watch waits for this batch; when they were first, there is nothing to note any more.
    rows = WatchRun.objects.select_for_update(of=("self",), no_key=True).select_related("watch")
    run = rows.filter(pk=scrape.watch_run_id).first()
    if run is None:
        return
    known = set(WatchTrend.objects.filter(watch=run.watch, trend__in=met).values_list("trend", flat=True))
    now = timezone.now()
    news = [WatchTrend(watch=run.watch, trend_id=pk, at=now) for pk in met if pk not in known]
    WatchTrend.objects.bulk_create(news)
    WatchRun.objects.filter(pk=run.pk).update(found=F("found") + len(met), fresh=F("fresh") + len(news))
    raise_alerts(run.watch, met)
    crashpoint("trends.watch_noted")


def raise_alerts(watch: Watch, met: Sequence[UUID]) -> list[Alert]:
    """Raise what the rules of a watch say about trends that were looked at, with three marks each.

    A post counts from the first look that reached a rule. When that was before the rule was switched on (or in the
    trash), nothing is claimed about it. Belongs into the transaction that stores the looks.
    """
    # Whoever changes the rules waits for this batch; a rule that they removed or switched off before raises nothing.
    rules = list(Rule.objects.select_for_update(no_key=True).filter(watch=watch, is_on=True).order_by("pk"))
    if not rules:
        return []
    told = set(Alert.objects.filter(rule__in=rules, trend__in=met).values_list("rule", "trend"))
    shown = Trend.objects.filter(pk__in=met, trashed_at=None).values_list("pk", flat=True)
    untold = [pk for pk in shown if any((rule.pk, pk) not in told for rule in rules)]
    raised = []
    for trend_id, looks in kept_looks(untold).items():
        for rule in rules:
            first = first_reaching(looks, Metric(rule.metric), rule.at_least)
            if first is not None and first.at >= rule.updated_at and (rule.pk, trend_id) not in told:
                raised.append(_alert(watch, rule, trend_id, first))
    Alert.objects.bulk_create(raised)
    Mark.objects.bulk_create(mark for alert in raised for mark in marks_of(alert))
    return raised


def _alert(watch: Watch, rule: Rule, trend_id: UUID, look: KeptLook) -> Alert:
    return Alert(
        owner_id=watch.owner_id,
        rule=rule,
        trend_id=trend_id,
        raised_at=look.at,
        value=getattr(look, rule.metric),
        reach=look.reach,
    )


def marks_of(alert: Alert) -> list[Mark]:
    """When an alert is graded, and what it takes to be right."""
    return [
        Mark(
            alert=alert,
            hours=hours,
            due_at=alert.raised_at + timedelta(hours=hours),
            target=target_of(alert.reach, hours),
        )
        for hours in GROWTH
    ]
