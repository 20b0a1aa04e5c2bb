"""What stands above all rooms: the overview, and the error handlers that pick the face."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kapture.api.errors import json_error
from kapture.core.errors import RateLimited
from kapture.overview.page import page
from kapture.overview.reads import moving
from kapture.overview.reads import overview as overview_of
from kapture.web import errors
from kapture.web.htmx import is_htmx


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """News, figures, what is rising, what runs; htmx gets the part that moves."""
    now = timezone.now()
    if is_htmx(request):
        return render(request, "overview/_now.html", {"now": moving(request.user, now)})
    found = overview_of(request.user, now)
    return render(request, "overview/overview.html", {"page": page(request.user, found, now)})


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """400 of either face."""
    if _is_api(request):
        return json_error(request, 400, "The request is malformed.")
    return errors.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """403 of either face."""
    return (
        json_error(request, 403, "You may not do this.") if _is_api(request) else errors.forbidden(request, exception)
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """404 of either face; on the API the same bytes as for somebody else's row."""
    return json_error(request, 404, "Not found.") if _is_api(request) else errors.not_found(request, exception)


def too_many_requests(request: HttpRequest) -> HttpResponseBase:
    """429 of the pages: somebody tried to sign in, sign up or reset too often."""
    return errors.respond(
        request, errors.explain(RateLimited("You tried this too often in a short time.", retry_after=60))
    )


def server_error(request: HttpRequest) -> HttpResponseBase:
    """500 of either face."""
    return (
        json_error(request, 500, "Something broke on our side.") if _is_api(request) else errors.server_error(request)
    )
