"""People who were here before addresses had to be confirmed can go on signing in."""

from typing import Any

from django.db import migrations
from django.db.models import Exists, OuterRef


def trust(apps: Any, schema_editor: Any) -> None:
    """Confirm the address of everybody who never had one on record; who began to confirm it still has to."""
    user, address = apps.get_model("accounts", "User"), apps.get_model("account", "EmailAddress")
    known = user.objects.exclude(Exists(address.objects.filter(user=OuterRef("pk")))).only("pk", "email")
    rows = (address(user=person, email=person.email, verified=True, primary=True) for person in known.iterator())
    address.objects.bulk_create(rows, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("accounts", "0002_identity_and_leaving"),
    ]
    operations = [migrations.RunPython(trust, migrations.RunPython.noop)]
