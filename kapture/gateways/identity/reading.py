"""Facts from Clerk's objects, whatever is missing from them: the API and webhooks send the same shapes."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from kapture.gateways.identity.facts import ClerkUser

Fields = Mapping[str, Any]
ID: Final = re.compile(r"[A-Za-z0-9_\-]{1,255}")
LONGEST_NAME: Final = 150
LONGEST_IMAGE: Final = 600
LONGEST_EMAIL: Final = 254
LONGEST_NUMBER: Final = 2**53
CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


class UnreadableError(ValueError):
    """An object has no id, which it cannot be without."""


def user(value: Fields) -> ClerkUser:
    """A user; raises `UnreadableError` only when there is no id."""
    subject = ident(value.get("id"))
    if not subject:
        raise UnreadableError("a user without an id")
    address = _primary(value)
    names = (line(value.get("first_name")), line(value.get("last_name")))
    return ClerkUser(
        id=subject,
        email=_email(address.get("email_address")),
        email_verified=fields(address.get("verification")).get("status") == "verified",
        name=" ".join(name for name in names if name)[:LONGEST_NAME] or line(value.get("username"))[:LONGEST_NAME],
        image_url=_image(value.get("image_url")) or _image(value.get("profile_image_url")),
        updated_at=whole(value.get("updated_at")),
    )


def _primary(value: Fields) -> Fields:
    """The entry of the primary address; without one the first that is confirmed, then the first."""
    listed = value.get("email_addresses")
    entries = [fields(entry) for entry in listed] if isinstance(listed, list) else []
    entries = [entry for entry in entries if _email(entry.get("email_address"))]
    wanted = value.get("primary_email_address_id")
    chosen = [entry for entry in entries if wanted and entry.get("id") == wanted]
    confirmed = [entry for entry in entries if fields(entry.get("verification")).get("status") == "verified"]
    return next(iter([*chosen, *confirmed, *entries]), {})


def _email(value: object) -> str:
    text = value.strip().lower() if isinstance(value, str) else ""
    try:
        EmailValidator()(text)
    except ValidationError:
        return ""
    return text if len(text) <= LONGEST_EMAIL else ""


def _image(value: object) -> str:
    text = line(value)
    return text if text.startswith("https://") and len(text) <= LONGEST_IMAGE else ""


def ident(value: object) -> str:
    """An id, empty when there is none; ids become part of addresses, so nothing else than an id is let through."""
    return value if isinstance(value, str) and ID.fullmatch(value) else ""


def line(value: object) -> str:
    """A text in one line, empty when there is none."""
    return CONTROLS.sub(" ", value).strip() if isinstance(value, str) else ""


def whole(value: object) -> int:
    """A whole number of things that are never negative; 0 when there is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LONGEST_NUMBER else 0


def moment(milliseconds: object) -> datetime | None:
    """A time given in Unix milliseconds; None when there is none."""
    count = whole(milliseconds)
    try:
        return datetime.fromtimestamp(count / 1000, UTC) if count else None
    except (OverflowError, OSError, ValueError):
        return None


def fields(value: object) -> Fields:
    """An object, empty when there is none."""
    return value if isinstance(value, Mapping) else {}
