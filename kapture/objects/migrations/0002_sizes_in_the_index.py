"""What somebody stores is added up from the index alone."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("objects", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name="storedobject", name="object_owner_state"),
        migrations.AddIndex(
            model_name="storedobject",
            index=models.Index(fields=["owner", "state"], include=("size",), name="object_owner_state"),
        ),
        migrations.AlterField(
            model_name="storedobject",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
