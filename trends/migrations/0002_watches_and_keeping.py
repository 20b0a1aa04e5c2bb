"""Watches with their rules and alerts; tags, categories and a trash; ratings of each look; search in any language."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import kapture.core.ids
import kapture.core.texts
import trends.models.watching


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_text_search"),
        ("trends", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Tables are written anew here, which takes minutes for a million rows.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("raised_at", models.DateTimeField()),
                ("value", models.FloatField(help_text="The rule's metric at that look.")),
                ("reach", models.BigIntegerField(help_text="The post's reach at that look.")),
            ],
            options={
                "ordering": ["-raised_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.CharField(max_length=60)),
            ],
            options={
                "verbose_name_plural": "categories",
                "ordering": [django.db.models.functions.text.Lower("name")],
            },
        ),
        migrations.CreateModel(
            name="Change",
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
                    "action",
                    models.CharField(
                        choices=[("delete", "Deleted"), ("tag", "Tagged"), ("category", "Moved")], max_length=10
                    ),
                ),
                ("before", models.JSONField(default=dict)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("hours", models.PositiveSmallIntegerField()),
                ("due_at", models.DateTimeField()),
                ("target", models.BigIntegerField(help_text="The reach that makes it a hit.")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("hit", "Hit"), ("miss", "Miss"), ("unknown", "Unknown")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("reach", models.BigIntegerField(blank=True, null=True)),
                ("measured_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["hours"],
            },
        ),
        migrations.CreateModel(
            name="Rule",
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
                    "metric",
                    models.CharField(
                        choices=[
                            ("score", "Score"),
                            ("multiple", "Multiple of the usual"),
                            ("velocity", "Views an hour"),
                            ("reach", "Views"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at_least", models.FloatField()),
                ("is_on", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.CharField(max_length=60)),
                ("query", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Watch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.CharField(max_length=80)),
                (
                    "platforms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[("youtube", "YouTube"), ("tiktok", "TikTok"), ("reddit", "Reddit"), ("x", "X")],
                            max_length=10,
                        ),
                        size=None,
                    ),
                ),
                (
                    "keywords",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), size=None),
                ),
                ("limit", models.PositiveSmallIntegerField()),
                (
                    "date_range",
                    models.CharField(
                        blank=True,
                        choices=[("1d", "Past day"), ("7d", "Past week"), ("30d", "Past month")],
                        max_length=3,
                    ),
                ),
                ("min_views", models.BigIntegerField(blank=True, null=True)),
                ("language", models.CharField(blank=True, max_length=3)),
                ("every_minutes", models.PositiveIntegerField(default=240)),
                ("cron", models.CharField(blank=True, max_length=100)),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Active"), ("paused", "Paused")], default="active", max_length=10
                    ),
                ),
                ("next_run_at", models.DateTimeField(blank=True, null=True)),
                ("last_run_at", models.DateTimeField(blank=True, null=True)),
                ("seen_at", models.DateTimeField(help_text="What was found later is new to its owner.")),
                ("mails", models.BooleanField(default=False, help_text="Alerts also by e-mail.")),
                ("webhook_url", models.TextField(blank=True, help_text="Alerts are also posted there, signed.")),
                (
                    "webhook_secret",
                    models.CharField(default=trends.models.watching.new_secret, editable=False, max_length=100),
                ),
            ],
            options={
                "verbose_name_plural": "watches",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="WatchRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("slot", models.DateTimeField()),
                ("by_hand", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("skipped", "Skipped"),
                        ],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, help_text="Why it was skipped or failed.", max_length=300)),
                ("found", models.PositiveIntegerField(default=0, help_text="Posts it met.")),
                (
                    "fresh",
                    models.PositiveIntegerField(default=0, help_text="Of these, posts the watch had not met before."),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-slot"],
            },
        ),
        migrations.CreateModel(
            name="WatchTrend",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveIndex(
            model_name="trend",
            name="trend_by_author",
        ),
        migrations.RemoveIndex(
            model_name="trend",
            name="trend_search",
        ),
        migrations.AddField(
            model_name="scrape",
            name="purpose",
            field=models.CharField(
                choices=[("search", "Search"), ("look", "Look at known posts")],
                db_default="search",
                default="search",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="scrape",
            name="urls",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(),
                blank=True,
                db_default=[],
                default=list,
                help_text="The posts of a look.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="multiple",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="reach",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.RunSQL(
            "UPDATE trends_snapshot SET reach = greatest(0, coalesce(views, likes, 0))", migrations.RunSQL.noop
        ),
        migrations.AddField(
            model_name="snapshot",
            name="score",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="velocity",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="trend",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(),
                blank=True,
                db_default=[],
                default=list,
                help_text="The owner's own words for it.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="trend",
            name="trashed_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When its owner deleted it; shown nowhere, gone for good 30 days later.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="scrape",
            name="keywords",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=100), blank=True, default=list, size=None
            ),
        ),
        migrations.AlterField(
            model_name="scrape",
            name="vendor",
            field=models.CharField(default="apify", help_text="Who was asked.", max_length=20),
        ),
        migrations.AlterField(
            model_name="trend",
            name="baseline",
            field=models.CharField(
                choices=[
                    ("age", "Author's usual at this age"),
                    ("author", "Author's usual"),
                    ("platform", "Platform's usual"),
                    ("none", "Nothing to compare with"),
                ],
                default="none",
                max_length=10,
            ),
        ),
        migrations.RemoveField(model_name="trend", name="search"),
        migrations.AddField(
            model_name="trend",
            name="search",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.contrib.postgres.search.CombinedSearchVector(
                    django.contrib.postgres.search.CombinedSearchVector(
                        django.contrib.postgres.search.SearchVector(
                            kapture.core.texts.Spaced("title"), config="kapture", weight="A"
                        ),
                        "||",
                        django.contrib.postgres.search.SearchVector(
                            kapture.core.texts.Spaced("author_name"),
                            kapture.core.texts.Spaced("author_handle"),
                            kapture.core.texts.Spaced("community"),
                            config="kapture",
                            weight="B",
                        ),
                        django.contrib.postgres.search.SearchConfig("kapture"),
                    ),
                    "||",
                    django.contrib.postgres.search.SearchVector(
                        kapture.core.texts.Spaced("text"), config="kapture", weight="C"
                    ),
                    django.contrib.postgres.search.SearchConfig("kapture"),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="trend",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="alerts", to="trends.trend"
            ),
        ),
        migrations.AddField(
            model_name="category",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="trend",
            name="category",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="trends.category",
            ),
        ),
        migrations.AddIndex(
            model_name="trend",
            index=models.Index(
                fields=["owner", "platform", "author_key", "-dated_at"],
                include=("reach", "external_id", "published_at", "scraped_at", "looks", "id"),
                name="trend_by_author",
            ),
        ),
        migrations.AddIndex(
            model_name="trend",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["owner", "search", "hashtags", "tags"], name="trend_search"
            ),
        ),
        migrations.AddIndex(
            model_name="trend",
            index=models.Index(
                condition=models.Q(("category__isnull", False)), fields=["category"], name="trend_by_category"
            ),
        ),
        migrations.AddIndex(
            model_name="trend",
            index=models.Index(
                condition=models.Q(("tags", []), _negated=True), fields=["owner", "-scraped_at"], name="trend_tagged"
            ),
        ),
        migrations.AddIndex(
            model_name="trend",
            index=models.Index(
                condition=models.Q(("trashed_at__isnull", False)), fields=["trashed_at"], name="trend_trash"
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="mark",
            name="alert",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="marks", to="trends.alert"
            ),
        ),
        migrations.AddField(
            model_name="mark",
            name="look",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="marks",
                to="trends.scrape",
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="rule",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="alerts", to="trends.rule"
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="watch",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="rule",
            name="watch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="rules", to="trends.watch"
            ),
        ),
        migrations.AddField(
            model_name="watchrun",
            name="watch",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="runs", to="trends.watch"
            ),
        ),
        migrations.AddField(
            model_name="scrape",
            name="watch_run",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="scrapes",
                to="trends.watchrun",
            ),
        ),
        migrations.AddField(
            model_name="watchtrend",
            name="trend",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="met_by", to="trends.trend"
            ),
        ),
        migrations.AddField(
            model_name="watchtrend",
            name="watch",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="met", to="trends.watch"
            ),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.UniqueConstraint(
                models.F("owner"), django.db.models.functions.text.Lower("name"), name="one_category_per_name"
            ),
        ),
        migrations.AddIndex(
            model_name="mark",
            index=models.Index(condition=models.Q(("state", "waiting")), fields=["due_at"], name="mark_due"),
        ),
        migrations.AddConstraint(
            model_name="mark",
            constraint=models.UniqueConstraint(fields=("alert", "hours"), name="one_mark_per_horizon"),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                models.F("owner"),
                models.OrderBy(models.F("raised_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="alert_recent",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(fields=("rule", "trend"), name="one_alert_per_post"),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                models.F("owner"), django.db.models.functions.text.Lower("name"), name="one_view_per_name"
            ),
        ),
        migrations.AddIndex(
            model_name="watch",
            index=models.Index(
                models.F("owner"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="watch_recent",
            ),
        ),
        migrations.AddIndex(
            model_name="watch",
            index=models.Index(condition=models.Q(("state", "active")), fields=["next_run_at"], name="watch_due"),
        ),
        migrations.AddConstraint(
            model_name="watchrun",
            constraint=models.UniqueConstraint(fields=("watch", "slot"), name="one_run_per_slot"),
        ),
        migrations.AddIndex(
            model_name="watchtrend",
            index=models.Index(fields=["watch", "-at"], name="watch_news"),
        ),
        migrations.AddConstraint(
            model_name="watchtrend",
            constraint=models.UniqueConstraint(fields=("watch", "trend"), name="met_once"),
        ),
    ]
