"""Addresses people may be led back to: those of this site alone."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.http import url_has_allowed_host_and_scheme

from kapture.core.errors import InvalidInput

LONGEST = 300
# RFC 3986 and nothing else: no blanks, controls, backslashes or letters that some browser maps to a slash.
PLAIN = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@%/?#]+")


def own_path(address: str, field: str) -> str:
    """The path (with its query) of an address of this site, given whole or as a path; empty for empty.

    Raises `InvalidInput` naming the field for every other address, however it is spelt.
    """
    if not address:
        return ""
    path = address.removeprefix(settings.SITE_URL) if address.startswith(f"{settings.SITE_URL}/") else address
    if not _is_own(path):
        raise InvalidInput({field: [f"An address of this site, such as {settings.SITE_URL}/usage/."]})
    return path


def _is_own(path: str) -> bool:
    if not (len(path) <= LONGEST and PLAIN.fullmatch(path) and path.startswith("/")):
        return False
    # Two slashes begin a host wherever something reads the path by itself.
    return "//" not in urlsplit(path).path and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
