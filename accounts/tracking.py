"""Middleware that notes where somebody is signed in."""

from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.core.cache.backends.locmem import LocMemCache
from django.http import HttpRequest, HttpResponse

from accounts.sessions import note

# A session costs one small write in so many seconds and process; in between it costs nothing, not even a look.
EVERY = 300
_noted = LocMemCache("noted sessions", {"max_entries": 20_000})


class SessionsMiddleware:
    """Notes sessions after the view, so that one that was just opened is on the list at once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through, then note its session if it has one."""
        before = request.session.session_key
        response = self.get_response(request)
        key = request.session.session_key
        # A request that never looked at its session is not somebody's; the middleware must not be the first to look.
        if key and request.session.accessed and _noted.add(key, True, EVERY) and _is_own(request):
            note(request, before)
        return response


def _is_own(request: HttpRequest) -> bool:
    """Whether the session is that of the person the request speaks for (staff may look with somebody's eyes)."""
    return request.user.is_authenticated and request.session.get(SESSION_KEY) == str(request.user.pk)
