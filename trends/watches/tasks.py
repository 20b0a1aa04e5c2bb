"""Periodic work of watches."""

from celery import shared_task
from django.utils import timezone

from trends.watches.clock import tick
from trends.watches.grading import grade_due
from trends.watches.runs import forget_runs


@shared_task(name="trends.watches.tick")
def run_watches() -> None:
    """Run the watches that are due."""
    tick()


@shared_task(name="trends.watches.grade")
def grade_alerts() -> None:
    """Grade the alerts whose time has come."""
    grade_due()


@shared_task(name="trends.watches.forget_runs")
def forget_old_runs() -> None:
    """Delete runs of long ago."""
    forget_runs(timezone.now())
