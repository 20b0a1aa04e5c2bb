"""Answers to htmx, each with its plain counterpart for a browser without scripts."""

from dataclasses import dataclass
from typing import Any, Literal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

Level = Literal["ok", "info", "warn", "bad"]
LEVELS: dict[Level, int] = {
    "ok": messages.SUCCESS,
    "info": messages.INFO,
    "warn": messages.WARNING,
    "bad": messages.ERROR,
}


@dataclass(frozen=True, slots=True)
class Undo:
    """A path that takes back what was done when it is posted to."""

    url: str
    label: str = "Undo"


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks for a fragment (a history restore wants the whole page)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def toast(
    request: HttpRequest, response: HttpResponse, text: str, *, level: Level = "ok", undo: Undo | None = None
) -> HttpResponse:
    """Say something in the corner: at once for htmx, on the next page otherwise."""
    redirects = "HX-Redirect" in response or "HX-Refresh" in response
    if is_htmx(request) and not redirects:
        params: dict[str, Any] = {"text": text, "level": level}
        if undo:
            params["undo"] = {"url": undo.url, "label": undo.label}
        return trigger_client_event(response, "toast", params)
    messages.add_message(request, LEVELS[level], text, extra_tags=f"{undo.url} {undo.label}" if undo else "")
    return response


def rows_changed(response: HttpResponse) -> HttpResponse:
    """Tell the lists of the page to fetch themselves again."""
    return trigger_client_event(response, "rows-changed", {})


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to a page of this site, by htmx or by an ordinary redirect."""
    return HttpResponseClientRedirect(url) if is_htmx(request) else HttpResponseRedirect(url)
