"""Search takes the configuration of any language in place of the one for plain words."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

import kapture.core.texts


class Migration(migrations.Migration):
    dependencies = [
        ("downloads", "0001_initial"),
        ("core", "0001_text_search"),
    ]

    operations = [
        # The table is written anew here, which takes minutes for a million rows.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        # A generated column cannot be altered.
        migrations.RemoveIndex(model_name="download", name="download_search"),
        migrations.RemoveField(model_name="download", name="search"),
        migrations.AddField(
            model_name="download",
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
                            kapture.core.texts.Spaced("author"), config="kapture", weight="B"
                        ),
                        django.contrib.postgres.search.SearchConfig("kapture"),
                    ),
                    "||",
                    django.contrib.postgres.search.SearchVector("url", config="kapture", weight="C"),
                    django.contrib.postgres.search.SearchConfig("kapture"),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            model_name="download",
            index=django.contrib.postgres.indexes.GinIndex(fields=["owner", "search"], name="download_search"),
        ),
    ]
