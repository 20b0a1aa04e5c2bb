"""Middleware of the pages."""

import logging
from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, reverse

from kapture.core.errors import DomainError, NotFound, Unauthorized, Unavailable
from kapture.web.errors import explain, not_found, respond
from kapture.web.htmx import go

logger = logging.getLogger(__name__)
Next = Callable[[HttpRequest], HttpResponse]
# Unfold's scripts evaluate expressions and its widgets set style attributes; nothing else in the product may.
ADMIN_POLICY = {"script-src": ["'unsafe-eval'"], "style-src": ["'unsafe-inline'"]}


class DomainErrorMiddleware:
    """Show a `DomainError` raised by a page as a page or fragment with its status; `/api/` has its own handler."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Answer domain errors and a database that is away; everything else stays an error of ours."""
        if request.path.startswith("/api/"):
            return None
        if isinstance(exception, OperationalError):
            logger.warning("database: %s", exception)
            exception = Unavailable("The database did not answer in time.", retry_after=5)
        if not isinstance(exception, DomainError):
            return None
        if isinstance(exception, NotFound):
            # The very page of an address that no route knows.
            return not_found(request)
        if isinstance(exception, Unauthorized):
            query = urlencode({"next": request.get_full_path() if request.method == "GET" else "/"})
            return go(request, f"{resolve_url(settings.LOGIN_URL)}?{query}")
        response = respond(request, explain(exception))
        if exception.retry_after:
            response["Retry-After"] = str(exception.retry_after)
        return response


class AdminPolicyMiddleware:
    """Relax the content security policy for the staff admin's path alone."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.prefix: str | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through."""
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Mark the admin's pages before the policy header is written, whatever the order of the middleware."""
        if self.prefix is None:
            try:
                self.prefix = reverse("admin:index")
            except NoReverseMatch:
                self.prefix = ""
        if self.prefix and request.path.startswith(self.prefix):
            response._csp_update = ADMIN_POLICY  # type: ignore[attr-defined]  # the documented hook of django-csp
        return response
