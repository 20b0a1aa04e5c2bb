"""Names of files within an export, which must mean the same on every system that unpacks it."""

import re
from uuid import UUID

from kapture.objects.services import plain

LONGEST = 80
# What some systems do not allow in the name of a file.
UNUSUAL = re.compile(r'[<>:"/\\|?*]+')


def name_of(title: str, pk: UUID) -> str:
    """A title as the name of a file, with the end of the row's id, which keeps two of one title apart."""
    return f"{plain(UNUSUAL.sub(' ', title)[:LONGEST]).rstrip('. ')} {str(pk)[-6:]}"
