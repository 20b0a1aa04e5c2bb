"""An index of the runs that are at work."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Runs that are at work, by their watch: what the clock asks for each slot."""

    dependencies = [("trends", "0002_watches_and_keeping")]

    operations = [
        migrations.AddIndex(
            model_name="watchrun",
            index=models.Index(fields=["watch"], condition=models.Q(("state", "running")), name="run_at_work"),
        ),
    ]
