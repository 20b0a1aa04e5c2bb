"""What comes with media: captions, evidence, clips, ways to want it; why it failed, and when it goes."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kapture.core.ids
import kapture.core.texts


class Migration(migrations.Migration):
    dependencies = [
        ("downloads", "0002_search_any_language"),
        ("jobs", "0001_initial"),
        ("objects", "0001_initial"),
        ("trends", "0003_run_at_work"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Caption",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("language", models.CharField(help_text="As the site names it: en, pt-BR, zh-Hans.", max_length=20)),
                ("automatic", models.BooleanField(default=False, help_text="Made by a machine, as the site says.")),
                (
                    "cues",
                    models.JSONField(
                        blank=True, default=list, help_text="Lines in order: [start, end, text], in seconds."
                    ),
                ),
                ("text", models.TextField(blank=True, help_text="All lines, for searching.")),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.contrib.postgres.search.SearchVector(
                            kapture.core.texts.Spaced("text"), config="kapture"
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
            ],
            options={
                "ordering": ["automatic", "language"],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("captured_at", models.DateTimeField()),
                ("url", models.TextField(help_text="Where the page was, after redirects.")),
                ("title", models.TextField(blank=True)),
                ("author", models.TextField(blank=True)),
                (
                    "text",
                    models.TextField(blank=True, help_text="The description on the page, cut at 20,000 characters."),
                ),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                (
                    "metrics",
                    models.JSONField(
                        blank=True, default=dict, help_text="Counters as the site told them: views, likes, …"
                    ),
                ),
                ("media_sha256", models.CharField(max_length=64)),
                (
                    "digest",
                    models.CharField(help_text="SHA-256 of all of the above in one canonical form.", max_length=64),
                ),
            ],
            options={
                "ordering": ["-captured_at"],
            },
        ),
        migrations.CreateModel(
            name="Policy",
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
                    "host",
                    models.CharField(
                        blank=True,
                        help_text="youtube, tiktok, reddit, x, or a host with its subdomains; empty for all.",
                        max_length=255,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True, choices=[("video", "Video"), ("audio", "Audio"), ("image", "Image")], max_length=10
                    ),
                ),
                (
                    "quality",
                    models.CharField(
                        blank=True,
                        choices=[("best", "Best"), ("1080", "1080p"), ("720", "720p"), ("480", "480p")],
                        max_length=10,
                    ),
                ),
                (
                    "convert_to",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Original"),
                            ("mp4", "MP4"),
                            ("webm", "WebM"),
                            ("gif", "GIF"),
                            ("mp3", "MP3"),
                            ("m4a", "M4A"),
                        ],
                        max_length=10,
                    ),
                ),
                ("subtitles", models.BooleanField(blank=True, null=True)),
                ("lane", models.PositiveSmallIntegerField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "policies",
                "ordering": ["host"],
            },
        ),
        migrations.AddField(
            model_name="download",
            name="chapters",
            field=models.JSONField(blank=True, default=list, help_text="As the site names them: [title, start, end]."),
        ),
        migrations.AddField(
            model_name="download",
            name="clip_end_s",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="download",
            name="clip_start_s",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="download",
            name="expired_at",
            field=models.DateTimeField(blank=True, help_text="When its file had to go; the record stays.", null=True),
        ),
        migrations.AddField(
            model_name="download",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                help_text="What it is a clip of.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="clips",
                to="downloads.download",
            ),
        ),
        migrations.AddField(
            model_name="download",
            name="reason",
            field=models.CharField(
                blank=True, help_text="Why it failed, in the word that groups failures.", max_length=60
            ),
        ),
        migrations.AddField(
            model_name="download",
            name="subtitles",
            field=models.BooleanField(default=False, help_text="Captions are wanted, too."),
        ),
        migrations.AddField(
            model_name="download",
            name="trashed_at",
            field=models.DateTimeField(
                blank=True, help_text="When it was put into the trash, which is emptied after 30 days.", null=True
            ),
        ),
        migrations.CreateModel(
            name="Keeping",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kapture.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("days", models.PositiveIntegerField(blank=True, help_text="Empty where media is kept.", null=True)),
                (
                    "shortened_at",
                    models.DateTimeField(help_text="When these days were first seen to be fewer than before."),
                ),
                (
                    "owner",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RemoveIndex(
            model_name="download",
            name="download_by_state",
        ),
        migrations.AddIndex(
            model_name="download",
            index=models.Index(
                fields=["owner", "state", "-created_at", "-id"],
                include=("size", "trashed_at"),
                name="download_by_state",
            ),
        ),
        migrations.AddIndex(
            model_name="download",
            index=models.Index(
                condition=models.Q(("trashed_at__isnull", False)),
                fields=["owner", "-trashed_at"],
                name="download_in_trash",
            ),
        ),
        migrations.AddIndex(
            model_name="download",
            index=models.Index(
                condition=models.Q(("media__isnull", False)), fields=["completed_at", "owner"], name="download_kept"
            ),
        ),
        migrations.AddIndex(
            model_name="download",
            index=models.Index(
                condition=models.Q(("state", "failed")), fields=["owner", "reason"], name="download_by_reason"
            ),
        ),
        migrations.AddIndex(
            model_name="download",
            index=models.Index(
                condition=models.Q(("trashed_at__isnull", False)), fields=["trashed_at"], name="download_trash"
            ),
        ),
        migrations.AddField(
            model_name="caption",
            name="download",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="captions", to="downloads.download"
            ),
        ),
        migrations.AddField(
            model_name="caption",
            name="file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="objects.storedobject",
            ),
        ),
        migrations.AddField(
            model_name="caption",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="evidence",
            name="download",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="evidence", to="downloads.download"
            ),
        ),
        migrations.AddField(
            model_name="evidence",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="caption",
            index=django.contrib.postgres.indexes.GinIndex(fields=["owner", "search"], name="caption_search"),
        ),
        migrations.AddConstraint(
            model_name="caption",
            constraint=models.UniqueConstraint(
                fields=("download", "language", "automatic"), name="one_caption_a_language"
            ),
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.UniqueConstraint(fields=("owner", "host"), name="one_policy_a_host"),
        ),
        # Failures from before are grouped by the word their jobs ended with.
        migrations.RunSQL(
            "UPDATE downloads_download AS d SET reason = j.error_code FROM jobs_job AS j"
            " WHERE j.id = d.job_id AND d.state = 'failed' AND d.reason = ''",
            migrations.RunSQL.noop,
        ),
    ]
