"""Refusals and failures as pages: what happened, why, and a way on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from kapture.core.context import request_id
from kapture.core.errors import DomainError
from kapture.web.formats import until
from kapture.web.htmx import is_htmx

ALERT_TARGET = "#alerts"
TITLES = {
    "VALIDATION_ERROR": "Some values are not valid",
    "UNAUTHORIZED": "Please sign in",
    "FORBIDDEN": "You may not do this",
    "USAGE_EXCEEDED": "You have reached a limit of your plan",
    "NOT_FOUND": "We could not find that",
    "METHOD_NOT_ALLOWED": "This address is not a page",
    "CONFLICT": "This changed in the meantime",
    "PAYLOAD_TOO_LARGE": "That is too large",
    "RATE_LIMITED": "Too many requests",
    "EXTERNAL_SERVICE_ERROR": "Another service did not answer",
    "SERVICE_UNAVAILABLE": "This part is resting",
    "INTERNAL_SERVER_ERROR": "Something went wrong on our side",
}
# What a refusal at a limit may name, and what its link says.
WAYS_ON = {"topUpUrl": "Buy a top-up", "upgradeUrl": "See plans"}
REMEDIES = {
    "NOT_FOUND": "The address may be mistyped, or the thing was deleted or belongs to somebody else.",
    "METHOD_NOT_ALLOWED": "Go back to the page that the button was on and reload it, then try again.",
    "CONFLICT": "Reload the page to see its present state, then try again.",
    "UNAUTHORIZED": "Sign in and try again.",
    "INTERNAL_SERVER_ERROR": "Try again in a minute. If it happens again, tell us the request id below.",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an error page or panel shows."""

    status: int
    code: str
    title: str
    why: str
    remedy: str = ""
    links: tuple[tuple[str, str], ...] = ()
    points: tuple[str, ...] = ()
    request_id: str = ""


def explain(error: DomainError) -> Refusal:
    """Turn a domain error into words; figures come from its details, none are made up."""
    details: Mapping[str, Any] = error.details if isinstance(error.details, Mapping) else {}
    remedy = REMEDIES.get(error.code, "")
    if error.retry_after:
        remedy = f"Try again in {_wait(error.retry_after)}."
    points: list[str] = []
    links: list[tuple[str, str]] = []
    if error.code == "USAGE_EXCEEDED":
        remedy = _renewal(details)
        points = [text for text in details.get("alternatives") or () if isinstance(text, str)]
        links = [(words, str(details[name])) for name, words in WAYS_ON.items() if details.get(name)]
    elif error.code == "VALIDATION_ERROR":
        points = [f"{_label(name)}{text}" for name, texts in details.items() for text in _texts(texts)]
    return Refusal(
        status=error.status,
        code=error.code,
        title=TITLES.get(error.code, TITLES["INTERNAL_SERVER_ERROR"]),
        why=error.message,
        remedy=remedy,
        links=tuple(links),
        points=tuple(points),
        request_id=request_id.get(),
    )


def _label(name: str) -> str:
    return "" if name in {"", "__all__", "nonFieldErrors"} else f"{name.replace('_', ' ').capitalize()}: "


def _texts(value: object) -> Sequence[str]:
    return [str(text) for text in value] if isinstance(value, (list, tuple)) else [str(value)]


def _wait(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{round(seconds / 60)} minutes"


def _renewal(details: Mapping[str, Any]) -> str:
    given = details.get("resetsAt")
    moment = parse_datetime(given) if isinstance(given, str) else given
    return f"The limit renews {until(moment, timezone.now())}." if moment else ""


def respond(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The refusal as a panel above the content for htmx, as a whole page otherwise."""
    context: dict[str, Any] = {"refusal": refusal}
    if refusal.status == 404:
        # What is missing in a room answers as an address that no room knows: no part of the frame is marked.
        context["room"] = ""
    if not is_htmx(request):
        return render(request, "errors/page.html", context, status=refusal.status)
    response = HttpResponse(render_to_string("errors/_panel.html", context), status=refusal.status)
    response["HX-Retarget"] = ALERT_TARGET
    response["HX-Reswap"] = "innerHTML show:window:top"
    return response


def _static(request: HttpRequest, status: int, code: str, why: str) -> HttpResponse:
    """A page that needs no session, user or database: those may be what failed."""
    refusal = Refusal(status, code, TITLES[code], why, REMEDIES.get(code, ""), request_id=request_id.get())
    if is_htmx(request):
        return respond(request, refusal)
    return HttpResponse(render_to_string("errors/static.html", {"refusal": refusal}), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Handler of 400: the request itself could not be understood."""
    return _static(request, 400, "VALIDATION_ERROR", "The request could not be understood.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Handler of 403."""
    refusal = Refusal(
        403, "FORBIDDEN", TITLES["FORBIDDEN"], "This page or action is not open to you.", request_id=request_id.get()
    )
    return respond(request, refusal)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Answer to a form whose proof of origin is missing or stale."""
    return _static(
        request,
        403,
        "FORBIDDEN",
        "The form was open for too long or came from another site. Reload it and send it again.",
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Handler of 404, the same for what is missing and for what is somebody else's."""
    refusal = Refusal(
        404,
        "NOT_FOUND",
        TITLES["NOT_FOUND"],
        "There is nothing at this address.",
        REMEDIES["NOT_FOUND"],
        request_id=request_id.get(),
    )
    return respond(request, refusal)


def not_a_page(request: HttpRequest) -> HttpResponse:
    """Answer to a browser that opens an address which only takes forms."""
    code = "METHOD_NOT_ALLOWED"
    why = "It only takes what a button or a form sends. Nothing was changed by opening it."
    return respond(request, Refusal(405, code, TITLES[code], why, REMEDIES[code], request_id=request_id.get()))


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Handler of 500: says nothing of the cause."""
    return _static(request, 500, "INTERNAL_SERVER_ERROR", "The page could not be made.")
