"""Identifiers."""

from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    """A UUID of version 7: unique, and sorted by the time it was made (RFC 9562, section 5.7)."""
    return compat.uuid7()
