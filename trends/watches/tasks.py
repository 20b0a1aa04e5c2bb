"""Periodic work of watches."""

from celery import shared_task

from trends.watches.clock import tick
from trends.watches.grading import grade_due


@shared_task(name="trends.watches.tick")
def run_watches() -> None:
    """Run the watches that are due."""
    tick()


@shared_task(name="trends.watches.grade")
def grade_alerts() -> None:
    """Grade the alerts whose time has come."""
    grade_due()
