"""Who may close accounts."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_permissions_of_staff"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "permissions": [
                    ("impersonate_user", "Can look at the product as somebody"),
                    ("suspend_user", "Can suspend and restore people"),
                    ("close_user", "Can close accounts for good"),
                ],
                "verbose_name": "user",
                "verbose_name_plural": "users",
            },
        ),
    ]
