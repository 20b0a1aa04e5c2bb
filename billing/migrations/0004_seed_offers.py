"""Offers of a new installation, and what staff chose so far as grants of staff; staff edit all of it in admin."""

from typing import Any

from django.db import migrations
from django.db.models import F

GIB = 1 << 30
# slug, requests a minute, storage, retention in days
ROOM = [("free", 120, 2 * GIB, 30), ("creator", 600, 50 * GIB, 180), ("studio", 1200, 250 * GIB, None)]
# name, kind, units, cents
PACKS = [
    ("50 scrapes", "scrape", 50, 500),
    ("100 downloads", "download", 100, 900),
    ("100 AI generations", "ai_generation", 100, 900),
]


def add(apps: Any, schema_editor: Any) -> None:
    """Give the seeded plans their bounds, add packs that are not there, and turn choices into grants."""
    plans, packs = apps.get_model("billing", "Plan"), apps.get_model("billing", "TopUpPack")
    for slug, requests, storage, retention in ROOM:
        plans.objects.filter(slug=slug).update(
            requests_per_minute=requests, storage_bytes=storage, retention_days=retention
        )
    for position, (name, kind, units, cents) in enumerate(PACKS):
        packs.objects.get_or_create(
            name=name, defaults={"kind": kind, "units": units, "price_cents": cents, "position": position}
        )
    # Before there was a way to pay, only staff put people on plans.
    chosen = apps.get_model("billing", "Subscription").objects.filter(granted_plan=None, stripe_id=None)
    chosen.update(granted_plan=F("plan"), plan=None)


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_payments")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
