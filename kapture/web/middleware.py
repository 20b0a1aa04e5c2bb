"""Middleware of the pages."""

import logging
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, reverse

from kapture.core.errors import DomainError, NotFound, Unauthorized, Unavailable
from kapture.web.errors import explain, not_a_page, not_found, respond
from kapture.web.htmx import go
from kapture.web.redirects import safe_path

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
            query = urlencode({"next": request.get_full_path() if request.method == "GET" else _came_from(request)})
            return go(request, f"{resolve_url(settings.LOGIN_URL)}?{query}")
        response = respond(request, explain(exception))
        if exception.retry_after:
            response["Retry-After"] = str(exception.retry_after)
        return response


class FormAddressMiddleware:
    """Keep people off the addresses that only take forms: a page in place of an empty 405, and no way there by login.

    It stands innermost, so that what it answers gets the headers of every other page.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through and mend the answer."""
        response = self.get_response(request)
        if request.path.startswith("/api/"):
            return response
        if request.method == "GET" and response.status_code == 405 and not response.content:
            page = not_a_page(request)
            page["Allow"] = response.get("Allow", "")
            return page
        if request.method not in {"GET", "HEAD"} and response.status_code == 302:
            _lead_back(request, response)
        return response


def _lead_back(request: HttpRequest, response: HttpResponse) -> None:
    """After signing in a refused form leads to the page it was on: its own address shows nothing."""
    to = urlsplit(response["Location"])
    login = resolve_url(settings.LOGIN_URL)
    if to.path == login and parse_qs(to.query).get("next") == [request.get_full_path()]:
        response["Location"] = f"{login}?{urlencode({'next': _came_from(request)})}"


def _came_from(request: HttpRequest) -> str:
    return safe_path(request, request.headers.get("Referer", ""))


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
