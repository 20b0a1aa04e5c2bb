"""Where somebody wanted to go who left the payment page without paying."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0005_checkout_back_to")]

    operations = [
        migrations.AddField(
            model_name="checkout",
            name="cancel_to",
            field=models.CharField(
                blank=True, default="", help_text="Path of this site for who leaves unpaid.", max_length=300
            ),
            preserve_default=False,
        ),
    ]
