"""How many downloads of a person are under way at once."""

from typing import Any

import django.core.validators
from django.db import migrations, models


def add(apps: Any, schema_editor: Any) -> None:
    """Give the larger plans of a new installation more; staff edit them in admin."""
    plans = apps.get_model("billing", "Plan").objects
    for slug, count in (("creator", 4), ("studio", 6)):
        plans.filter(slug=slug).update(concurrent_downloads=count)


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_checkout_cancel_to")]
    operations = [
        migrations.AddField(
            model_name="plan",
            name="concurrent_downloads",
            field=models.PositiveSmallIntegerField(
                db_default=3,
                default=3,
                help_text="Downloads of one user under way at once.",
                validators=[django.core.validators.MinValueValidator(1)],
            ),
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
