"""The plans and packs of a new installation, for tests that find every table empty."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module

from django.apps import apps

from billing.models import Plan, TopUpPack

SEEDS = ("0002_seed_plans", "0004_seed_offers", "0007_concurrent_downloads")


def seed() -> None:
    """Add what migrating adds, unless it is there."""
    if not Plan.objects.exists():
        plans, packs = _rows()
        Plan.objects.bulk_create(plans)
        TopUpPack.objects.bulk_create(packs)


@cache
def _rows() -> tuple[Sequence[Plan], Sequence[TopUpPack]]:
    """The rows as the migrations make them, which takes two dozen queries and is done once."""
    for name in SEEDS:
        import_module(f"billing.migrations.{name}").add(apps, None)
    rows = list(Plan.objects.all()), list(TopUpPack.objects.all())
    TopUpPack.objects.all().delete()
    Plan.objects.all().delete()
    return rows
