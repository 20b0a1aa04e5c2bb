"""Who people are at Clerk, what they are told, and how they leave."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kapture.core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("objects", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="daily_cap",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Units (of all kinds together) it may spend on a UTC day; empty for no cap.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="is_dry_run",
            field=models.BooleanField(
                default=False, help_text="Its requests are checked and priced, and change nothing."
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="clerk_id",
            field=models.CharField(blank=True, editable=False, max_length=255, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="user",
            name="clerk_updated_ms",
            field=models.BigIntegerField(
                default=0, editable=False, help_text="When Clerk last changed this person, in its milliseconds."
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="mails_account",
            field=models.BooleanField(default=True, verbose_name="account and billing news by e-mail"),
        ),
        migrations.AddField(
            model_name="user",
            name="mails_usage",
            field=models.BooleanField(default=True, verbose_name="usage notices by e-mail"),
        ),
        migrations.CreateModel(
            name="ClosedIdentity",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("provider", models.CharField(max_length=20)),
                ("digest", models.CharField(help_text="SHA-256 of the vendor's user id, as hex.", max_length=64)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("provider", "digest"), name="closed_once")],
            },
        ),
        migrations.CreateModel(
            name="Closing",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("locked", "Locked"),
                            ("stopped", "Work stopped"),
                            ("unsubscribed", "Unsubscribed"),
                            ("erased", "Data erased"),
                            ("closed", "Closed"),
                        ],
                        default="locked",
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(help_text="Who asked: the person, staff, or clerk.", max_length=60)),
                ("job_id", models.UUIDField(unique=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="closing", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DataExport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("job_id", models.UUIDField(unique=True)),
                (
                    "counts",
                    models.JSONField(
                        default=dict, help_text="Name of a part -> how many rows or files of it are in there."
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "stored",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="objects.storedobject",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
                "indexes": [models.Index(fields=["owner", "-created_at"], name="export_owner_recent")],
            },
        ),
        migrations.CreateModel(
            name="Impersonation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("reason", models.CharField(max_length=300)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="impersonations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
                "indexes": [models.Index(fields=["user", "-created_at"], name="impersonation_user_recent")],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("kind", models.CharField(help_text="Dotted, such as billing.usage.", max_length=60)),
                ("title", models.CharField(max_length=160)),
                ("body", models.CharField(blank=True, max_length=500)),
                ("path", models.CharField(blank=True, help_text="Where in the product to look.", max_length=300)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("wants_mail", models.BooleanField(default=False)),
                ("mailed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(fields=["owner", "-created_at", "-id"], name="notification_owner_recent"),
                    models.Index(condition=models.Q(("read_at", None)), fields=["owner"], name="notification_unread"),
                    models.Index(
                        condition=models.Q(("mailed_at", None), ("wants_mail", True)),
                        fields=["created_at"],
                        name="notification_to_mail",
                    ),
                ],
            },
        ),
    ]
