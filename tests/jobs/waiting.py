"""Waiting for what other threads do, and cutting the connections they do it on."""

import time
from collections.abc import Callable

from django.db import connection

# Far longer than anything takes: reached only when it does not happen at all.
PATIENCE = 60.0


def until(happened: Callable[[], object]) -> None:
    """Return as soon as it happened; fails when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def cut_other_connections() -> int:
    """End every connection to the test's database but our own; returns how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])
