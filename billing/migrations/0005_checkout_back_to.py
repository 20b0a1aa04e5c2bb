"""Where somebody wanted to go when they went to pay."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_seed_offers")]

    operations = [
        migrations.AddField(
            model_name="checkout",
            name="back_to",
            field=models.CharField(
                blank=True, default="", help_text="Path of this site to go on to afterwards.", max_length=300
            ),
            preserve_default=False,
        ),
    ]
