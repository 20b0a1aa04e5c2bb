"""Counting what a page asks the database."""

from collections.abc import Mapping

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def queries_of(client: Client, path: str, query: Mapping[str, str] | None = None) -> int:
    """How many queries an answer took, once everything that is made on first use is there."""
    client.get(path, query or {})
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path, query or {}).status_code == 200
    return len(seen)
