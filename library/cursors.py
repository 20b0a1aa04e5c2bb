"""Where a page of the library ends and the next begins."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from kapture.core.errors import InvalidInput

LONGEST = 200


@dataclass(frozen=True, slots=True)
class After:
    """Behind the item of this time and id, in a list by time."""

    at: datetime
    id: UUID

    def encode(self) -> str:
        """The cursor as text."""
        return _encode([self.at.isoformat(), str(self.id)])


@dataclass(frozen=True, slots=True)
class Skip:
    """Behind this many items, in a list by match (which is short: its candidates are bounded)."""

    count: int

    def encode(self) -> str:
        """The cursor as text."""
        return _encode([self.count])


def _encode(values: list[str | int]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def decode(cursor: str, most: int) -> After | Skip:
    """Read a cursor whose skip is at most `most`; raises `InvalidInput` for anything this list did not give out."""
    bad = InvalidInput({"cursor": ["This cursor does not belong to this list."]})
    if len(cursor) > LONGEST:
        raise bad
    try:
        match orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))):
            case [str() as at, str() as pk]:
                moment = datetime.fromisoformat(at)
                if moment.utcoffset() is not None:
                    return After(moment, UUID(pk))
            case [int() as count] if not isinstance(count, bool) and 0 <= count <= most:
                return Skip(count)
    except (ValueError, binascii.Error) as error:
        raise bad from error
    raise bad
