"""`manage.py verify_invariants`: the oracle."""

import sys
from typing import Any

import orjson
from django.core.management.base import BaseCommand

from kapture.core.oracle import verify


class Command(BaseCommand):
    """Check everything that must always hold; print offenders as JSON and exit 1 when there are any."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """One line of JSON: how many rules, and who breaks which."""
        results = verify()
        broken = {rule.name: {"promise": rule.promise, "offenders": ids} for rule, ids in results if ids}
        self.stdout.write(orjson.dumps({"rules": len(results), "broken": broken}).decode())
        if broken:
            sys.exit(1)
