"""`manage.py seed_demo`: the people and first content of a local instance."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.models import User
from accounts.services import DEMO_EMAIL
from kapture.core.demo import every_start, seeds, shows_samples


class Command(BaseCommand):
    """Add the demo user and a staff user when missing; where vendors are stand-ins, let the demo user do some work."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Add what is missing, once."""
        if not User.objects.filter(email="staff@kapture.local").exists():
            User.objects.create_superuser("staff@kapture.local", "kapture-staff", name="Sam Staff")
        if settings.SANDBOX:
            for prepare in every_start:
                prepare()
        if User.objects.filter(email=DEMO_EMAIL).exists():
            return
        demo = User.objects.create_user(DEMO_EMAIL, "kapture-demo", name="Ana Reyes")
        if shows_samples():
            for seed in seeds:
                seed(demo)
