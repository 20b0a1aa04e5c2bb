"""Addresses for tests of the frame: the frame itself, the styleguide, and views that fail in every way."""

from django.contrib import messages
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import include, path

from kapture.core import errors
from kapture.web import errors as pages
from kapture.web.htmx import Undo, go, toast
from kapture.web.styleguide import styleguide

handler400, handler403 = pages.bad_request, pages.forbidden
handler404, handler500 = pages.not_found, pages.server_error

FAILURES: dict[str, Exception] = {
    "missing": errors.NotFound(),
    "conflict": errors.Conflict("The board was saved elsewhere."),
    "limit": errors.UsageExceeded(
        "This scrape needs 40 units.",
        details={"limit": 500, "current": 500, "upgradeUrl": "/usage/plans/", "alternatives": ["Open cached posts."]},
    ),
    "slow": errors.RateLimited("Too many.", retry_after=30),
    "login": errors.Unauthorized("Who are you?"),
    "invalid": errors.InvalidInput({"keywords": ["At most 10."]}),
    "markup": errors.Conflict("<script>alert(1)</script>"),
    "bug": RuntimeError("secret detail"),
    "database": OperationalError("canceling statement due to statement timeout"),
}


def fail(request: HttpRequest, how: str) -> HttpResponse:
    raise FAILURES[how]


def say(request: HttpRequest) -> HttpResponse:
    return toast(request, HttpResponse(), "3 trends deleted", undo=Undo("/undo/"))


def leave(request: HttpRequest) -> HttpResponse:
    return toast(request, go(request, "/said/"), "Saved")


def said(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse([str(message) for message in messages.get_messages(request)])


def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"rev": 1, "active": 2, "v": {"s1.pct": "71%", "s1.bar": 71, "s1.stage": "Nearly there"}})


def admin(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "errors/static.html", {})


urlpatterns = [
    path("", include("kapture.web.urls")),
    path("styleguide/", styleguide),
    path("api/fail/<how>", fail),
    path("fail/<how>/", fail),
    path("say/", say),
    path("leave/", leave),
    path("said/", said),
    path("echo/", echo),
    path("live/", live),
    path("admin/", include(([path("", admin, name="index")], "admin"))),
]
