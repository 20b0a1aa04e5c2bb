"""Context that every template has."""

from typing import Any

from django.http import HttpRequest

from kapture.core.context import request_id
from kapture.web.preferences import Preferences
from kapture.web.shell import Shell


def shell(request: HttpRequest) -> dict[str, Any]:
    """The lazy data of the frame, the room, this browser's preferences, and the id to quote when something fails."""
    match = request.resolver_match
    return {
        "shell": Shell(request),
        "room": (match.namespace or match.url_name or "") if match else "",
        "preferences": Preferences.of(request),
        "request_id": request_id.get(),
    }
