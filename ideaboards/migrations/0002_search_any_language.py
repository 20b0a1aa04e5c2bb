"""Search takes the configuration of any language in place of the one for plain words."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

import kapture.core.texts


class Migration(migrations.Migration):
    dependencies = [
        ("ideaboards", "0001_initial"),
        ("core", "0001_text_search"),
    ]

    operations = [
        # The table is written anew here, which takes minutes for a million rows.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        # A generated column cannot be altered.
        migrations.RemoveIndex(model_name="ideaboard", name="board_search"),
        migrations.RemoveField(model_name="ideaboard", name="search"),
        migrations.AddField(
            model_name="ideaboard",
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
                            kapture.core.texts.Spaced("description"), config="kapture", weight="B"
                        ),
                        django.contrib.postgres.search.SearchConfig("kapture"),
                    ),
                    "||",
                    django.contrib.postgres.search.SearchVector(
                        kapture.core.texts.Spaced("body_text"), config="kapture", weight="C"
                    ),
                    django.contrib.postgres.search.SearchConfig("kapture"),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            model_name="ideaboard",
            index=django.contrib.postgres.indexes.GinIndex(fields=["owner", "search", "tags"], name="board_search"),
        ),
    ]
