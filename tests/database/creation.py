"""Test databases that are copies of one: migrating takes each process of a run longer than many of its tests."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db.backends.postgresql.creation import DatabaseCreation

MIGRATED = "test_migrated"


class Creation(DatabaseCreation):
    """Migrates the first database of a run and copies it for everybody who comes later."""

    def create_test_db(
        self, verbosity: int = 1, autoclobber: bool = False, serialize: bool | None = True, keepdb: bool = False
    ) -> str:
        """Make the database of this process; alone on a server of somebody else's, where nothing is to stay behind."""
        if "TEST_DATABASE_URL" in os.environ:
            return super().create_test_db(verbosity, autoclobber, keepdb=keepdb)
        name = self._get_test_db_name()
        mark = Path(os.environ["KAPTURE_HOME"]) / "migrated"
        with only_one(mark.with_suffix(".lock")):
            if not mark.exists():
                self.connection.settings_dict["TEST"]["NAME"] = MIGRATED
                super().create_test_db(verbosity, autoclobber)
                self.connection.close()
                mark.touch()
            with self._nodb_cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {self.connection.ops.quote_name(name)} TEMPLATE {MIGRATED}")
        self.connection.settings_dict["TEST"]["NAME"] = self.connection.settings_dict["NAME"] = name
        self.connection.ensure_connection()
        return name


@contextmanager
def only_one(path: Path) -> Iterator[Any]:
    """Be the only process that is inside."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
