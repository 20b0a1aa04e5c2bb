"""Permissions of their own for looking as somebody and for suspending."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_trust_known_addresses")]
    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "permissions": [
                    ("impersonate_user", "Can look at the product as somebody"),
                    ("suspend_user", "Can suspend and restore people"),
                ],
                "verbose_name": "user",
                "verbose_name_plural": "users",
            },
        )
    ]
