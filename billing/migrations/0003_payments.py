"""What is paid for: customers, subscriptions, checkouts, invoices, top-ups."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kapture.core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_identity_and_leaving"),
        ("billing", "0002_seed_plans"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Checkout",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("stripe_id", models.CharField(blank=True, max_length=255, null=True, unique=True)),
                ("url", models.CharField(blank=True, max_length=2000)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("paid", "Paid"), ("expired", "Expired"), ("failed", "Failed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="Customer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("stripe_id", models.CharField(blank=True, max_length=255, null=True, unique=True)),
                (
                    "synced_at",
                    models.DateTimeField(
                        blank=True, help_text="When subscriptions were last read from Stripe.", null=True
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("stripe_id", models.CharField(max_length=255, unique=True)),
                ("number", models.CharField(blank=True, max_length=100)),
                ("status", models.CharField(blank=True, max_length=20)),
                ("currency", models.CharField(max_length=3)),
                ("due", models.BigIntegerField(help_text="In the smallest unit of the currency.")),
                ("paid", models.BigIntegerField(help_text="In the smallest unit of the currency.")),
                ("issued_at", models.DateTimeField()),
                ("page_url", models.CharField(blank=True, max_length=2000)),
                ("pdf_url", models.CharField(blank=True, max_length=2000)),
            ],
            options={
                "ordering": ["-issued_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="KeyDay",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("day", models.DateField()),
                ("spent", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="TopUpPack",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("scrape", "Scrapes"), ("download", "Downloads"), ("ai_generation", "AI generations")],
                        max_length=20,
                    ),
                ),
                ("units", models.PositiveIntegerField()),
                ("price_cents", models.PositiveIntegerField(help_text="Once, in US cents.")),
                ("stripe_price_id", models.CharField(blank=True, max_length=255)),
                ("is_public", models.BooleanField(default=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["position", "price_cents"],
            },
        ),
        migrations.CreateModel(
            name="UsageNotice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("percent", models.PositiveSmallIntegerField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="usageperiod",
            name="one_row_per_period",
        ),
        migrations.AddField(
            model_name="plan",
            name="flags",
            field=models.JSONField(blank=True, default=list, help_text="Names of features that are on for this plan."),
        ),
        migrations.AddField(
            model_name="plan",
            name="requests_per_minute",
            field=models.PositiveIntegerField(default=600, help_text="API requests of one user."),
        ),
        migrations.AddField(
            model_name="plan",
            name="retention_days",
            field=models.PositiveIntegerField(
                blank=True, help_text="Media older than this is deleted; empty keeps it.", null=True
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="storage_bytes",
            field=models.BigIntegerField(default=10737418240, help_text="Media kept at most."),
        ),
        migrations.AddField(
            model_name="plan",
            name="stripe_price_id",
            field=models.CharField(
                blank=True, help_text="Stripe's monthly price; without one the plan cannot be bought.", max_length=255
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="cancel_at_period_end",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="subscription",
            name="ends_at",
            field=models.DateTimeField(blank=True, help_text="When it was or will be cancelled.", null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="granted_plan",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="billing.plan"
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="is_collection_paused",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="subscription",
            name="period_end",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="period_start",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="price_id",
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.AddField(
            model_name="subscription",
            name="started_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="status",
            field=models.CharField(
                blank=True,
                choices=[
                    ("incomplete", "Waiting for the first payment"),
                    ("incomplete_expired", "Never paid"),
                    ("trialing", "Trial"),
                    ("active", "Active"),
                    ("past_due", "Payment overdue"),
                    ("canceled", "Cancelled"),
                    ("unpaid", "Unpaid"),
                    ("paused", "Paused"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="stripe_id",
            field=models.CharField(blank=True, max_length=255, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="trial_ends_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="usageperiod",
            name="archived_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="usageperiod",
            name="source",
            field=models.CharField(
                choices=[("month", "Monthly allowance"), ("purchase", "Top-up"), ("grant", "Granted by staff")],
                default="month",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="usageperiod",
            name="source_id",
            field=models.CharField(blank=True, help_text="What was paid or decided; given once.", max_length=255),
        ),
        migrations.AlterField(
            model_name="reservation",
            name="source_id",
            field=models.UUIDField(help_text="The job or generation this was taken for."),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="plan",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="subscriptions",
                to="billing.plan",
            ),
        ),
        migrations.AlterField(
            model_name="usageperiod",
            name="ends_at",
            field=models.DateTimeField(blank=True, help_text="Empty for a top-up.", null=True),
        ),
        migrations.AddIndex(
            model_name="usageperiod",
            index=models.Index(
                condition=models.Q(("source", "month"), _negated=True), fields=["user", "kind"], name="topup_of_user"
            ),
        ),
        migrations.AddIndex(
            model_name="usageperiod",
            index=models.Index(
                condition=models.Q(("archived_at", None), ("source", "month")),
                fields=["ends_at"],
                name="period_to_archive",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stripe_price_id", ""), _negated=True),
                fields=("stripe_price_id",),
                name="one_plan_per_price",
            ),
        ),
        migrations.AddConstraint(
            model_name="usageperiod",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source", "month")), fields=("user", "kind", "starts_at"), name="one_row_per_period"
            ),
        ),
        migrations.AddConstraint(
            model_name="usageperiod",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source", "month"), _negated=True),
                fields=("source", "source_id"),
                name="topped_up_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="usageperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ends_at__isnull", False), ("source", "month")),
                    models.Q(models.Q(("source", "month"), _negated=True), ("ends_at", None)),
                    _connector="OR",
                ),
                name="only_months_end",
            ),
        ),
        migrations.AddField(
            model_name="checkout",
            name="plan",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="billing.plan"
            ),
        ),
        migrations.AddField(
            model_name="checkout",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="customer",
            name="user",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="customer", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="keyday",
            name="key",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.apikey"
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="key_day",
            field=models.ForeignKey(
                blank=True,
                help_text="Of a key with a cap.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="billing.keyday",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.UniqueConstraint(fields=("source_id", "period"), name="held_once_per_period"),
        ),
        migrations.AddField(
            model_name="checkout",
            name="pack",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="billing.topuppack",
            ),
        ),
        migrations.AddField(
            model_name="usagenotice",
            name="period",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="billing.usageperiod"
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["user", "-issued_at", "-id"], name="invoice_user_recent"),
        ),
        migrations.AddConstraint(
            model_name="keyday",
            constraint=models.UniqueConstraint(fields=("key", "day"), name="one_row_per_key_and_day"),
        ),
        migrations.AddIndex(
            model_name="checkout",
            index=models.Index(fields=["user", "-created_at"], name="checkout_user_recent"),
        ),
        migrations.AddIndex(
            model_name="checkout",
            index=models.Index(condition=models.Q(("state", "open")), fields=["created_at"], name="checkout_open"),
        ),
        migrations.AddConstraint(
            model_name="checkout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("pack__isnull", False), ("plan", None)),
                    models.Q(("pack", None), ("plan__isnull", False)),
                    _connector="OR",
                ),
                name="buys_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="usagenotice",
            constraint=models.UniqueConstraint(fields=("period", "percent"), name="told_once"),
        ),
    ]
