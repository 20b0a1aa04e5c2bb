"""`manage.py sweep_objects`: rows and bytes together again, now and in whole."""

from typing import Any

from django.core.management.base import BaseCommand

from kapture.core.errors import VendorFailed
from kapture.objects.sweeping import sweep, sweep_strays

ALL_PAGES = 1_000_000


class Command(BaseCommand):
    """Sweep everything, a piece at a time, and say what went."""

    help = "Delete discarded and abandoned files, and files older than half an hour that no row knows."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rows first, then the whole listing of the store; exits 1 when the store does not answer."""
        rows = 0
        while gone := sweep():
            rows += gone
        try:
            swept = sweep_strays(ALL_PAGES, afresh=True)
        except VendorFailed as error:
            self.stderr.write(f"The store could not be listed: {error.message}")
            raise SystemExit(1) from error
        self.stdout.write(f"{rows} rows with their files, {swept.strays} files without rows, {swept.halves} uploads")
