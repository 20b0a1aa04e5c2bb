"""Middleware that lets staff see what somebody sees, and nothing more."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.impersonation import browser
from accounts.impersonation.services import running
from kapture.api.errors import json_error
from kapture.core.dryrun import DryRun, TakenBack, WouldCall, dry_run
from kapture.core.errors import Forbidden
from kapture.web.errors import explain, respond

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
STOP = "accounts:stop-looking"
# What would sign somebody in or out; rooms below have nothing of the kind.
CLOSED = frozenset({"accounts:clerk", "account_logout"})
READ_ONLY = "You look at the product as somebody else, so nothing can be changed. Stop looking first."
NOT_HERE = "This is not open while you look at the product as somebody else. Stop looking first."
ASKS = "This page would ask another service, which is not done while you look at the product as somebody else."


class ImpersonationMiddleware:
    """Makes the person looked as the user of the request; `request.impersonation` is the look, None without one.

    Nothing that happens in such a request remains in the database, and no vendor is called for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        """Let the request through, as who it is for."""
        request.impersonation, request.impersonator, request.look_ended = None, None, ""
        # Programs with a bearer act for themselves.
        is_program = request.path.startswith("/api/") and "Authorization" in request.headers
        pk = None if is_program else browser.current(request)
        if pk is None:
            return self.get_response(request)
        look, request.look_ended = running(pk, request.user)
        if look is None:
            return self.get_response(request)
        request.impersonation, request.impersonator, request.user = look, request.user, look.user
        if request.path == reverse(STOP):
            return self.get_response(request)
        token = dry_run.set(DryRun())
        try:
            with TakenBack():
                return self.get_response(request)
        finally:
            dry_run.reset(token)

    def process_view(self, request: Any, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """Refuse what would change something, the admin, and everything when the look has just ended."""
        name = request.resolver_match.view_name
        if request.look_ended and name != STOP:
            response = _refuse(request, f"Your look has ended: {request.look_ended}.")
            browser.forget(request, response)
            return response
        if request.impersonation is None or name == STOP:
            return None
        if request.method not in SAFE:
            return _refuse(request, READ_ONLY)
        if name in CLOSED or request.path.startswith("/admin/"):
            return _refuse(request, NOT_HERE)
        return None

    def process_exception(self, request: Any, exception: Exception) -> HttpResponse | None:
        """Tell that a vendor is not asked."""
        return _refuse(request, ASKS) if isinstance(exception, WouldCall) else None


def _refuse(request: HttpRequest, why: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return json_error(request, 403, why)
    return respond(request, explain(Forbidden(why)))
