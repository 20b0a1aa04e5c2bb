"""What is in the database, so that a test can tell whether anything changed at all."""

from collections.abc import Collection

from django.db import connection


def fingerprints(besides: Collection[str] = ()) -> dict[str, str]:
    """Table -> digest of all its rows."""
    names = sorted(set(connection.introspection.table_names()) - set(besides))
    digest = "SELECT '{0}', md5(coalesce(string_agg(row::text, ',' ORDER BY row::text), '')) FROM {0} AS row"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(digest.format(name) for name in names))
        return dict(cursor.fetchall())


def changed(before: dict[str, str]) -> set[str]:
    """The tables that differ from what they were."""
    after = fingerprints(set(connection.introspection.table_names()) - set(before))
    return {name for name, digest in before.items() if after[name] != digest}
