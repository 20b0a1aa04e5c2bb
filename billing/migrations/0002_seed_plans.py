"""The three plans a new installation starts with; staff edit them in admin."""

from typing import Any

from django.db import migrations

PLANS = [
    ("free", "Free", "Try the whole product.", 0, 20, 20, 20, True),
    ("creator", "Creator", "For one channel that ships every week.", 1900, 500, 300, 400, False),
    ("studio", "Studio", "For a team or several channels.", 5900, 3000, 2000, 2500, False),
]


def add(apps: Any, schema_editor: Any) -> None:
    """Add each plan that is not there."""
    plans = apps.get_model("billing", "Plan")
    for position, (slug, name, description, price, scrapes, downloads, generations, default) in enumerate(PLANS):
        plans.objects.get_or_create(
            slug=slug,
            defaults={
                "name": name,
                "description": description,
                "price_cents": price,
                "scrapes": scrapes,
                "downloads": downloads,
                "ai_generations": generations,
                "is_default": default,
                "position": position,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
