"""Lanes, pauses, and whose turn it is."""

import uuid

import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="held_at",
            field=models.DateTimeField(blank=True, help_text="Since when it is paused.", null=True),
        ),
        migrations.AddField(
            model_name="job",
            name="lane",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "Now"), (1, "In turn"), (2, "At night")], db_default=1, default=1
            ),
        ),
        migrations.AlterField(
            model_name="jobevent",
            name="what",
            field=models.CharField(
                help_text="queued, started, requeued, paused, resumed, hurried, completed, failed or cancelled.",
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                models.F("lane"),
                django.db.models.functions.comparison.Coalesce(
                    models.F("owner"),
                    models.Value(uuid.UUID("00000000-0000-0000-0000-000000000000")),
                    output_field=models.UUIDField(),
                ),
                models.F("kind"),
                models.F("run_after"),
                models.F("id"),
                condition=models.Q(("dispatched_at__isnull", True), ("held_at__isnull", True), ("state", "queued")),
                name="job_turns",
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("dispatched_at__isnull", False), ("state", "queued")),
                fields=["dispatched_at"],
                name="job_sent",
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("held_at__isnull", False), ("state", "queued")), fields=["held_at"], name="job_held"
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("held_at__isnull", True), ("lane", 2), ("state", "queued")),
                fields=["run_after"],
                name="job_night",
            ),
        ),
    ]
