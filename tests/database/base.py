"""PostgreSQL whose tables are emptied row by row: truncating fifty small ones takes a hundred times as long."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper
from django.db.backends.postgresql.operations import DatabaseOperations

from tests.database.creation import Creation

# Made by migrating and the same in every test; they would be written anew after each.
KEPT = {"django_content_type", "auth_permission"}


class Operations(DatabaseOperations):
    """Empties tables after a test with real transactions."""

    def sql_flush(
        self, style: Any, tables: Sequence[str], *, reset_sequences: bool = False, allow_cascade: bool = False
    ) -> list[str]:
        """One statement for all tables; references are looked at when it commits, so that their order is free."""
        names = (self.quote_name(table) for table in sorted(set(tables) - KEPT))
        return ["; ".join(["SET CONSTRAINTS ALL DEFERRED", *(f"DELETE FROM {name}" for name in names)])]


class DatabaseWrapper(PostgresWrapper):
    """A connection that empties tables quickly, to a database that was copied."""

    ops_class = Operations
    creation_class = Creation
