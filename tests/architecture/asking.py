"""Sending requests as the faces take them, and reading what became of them."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from tests.architecture.policy import Outcome, Verdict
from tests.architecture.routes import Route, routes

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
UNSAFE = METHODS[1:]
ROUTES = {route.name: route for route in routes() if not route.is_admin}
NOBODYS = UUID("00000000-0000-7000-8000-000000000000")
SAME_REQUEST = "the-same-request"
# Django masks its token anew on every page, and every form has a one-time id.
TOKEN = re.compile(r"\b(?:[A-Za-z0-9]{64}|[0-9a-f]{32})\b")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d(?::|%3A)\d\d(?::|%3A)[\d.]+")


def address(route: Route, verdict: Verdict, values: Mapping[str, Any]) -> str:
    """The path of a route for the thing that the values name."""
    path = reverse(route.name, kwargs={name: values[name] for name in route.values})
    return f"{path}?{verdict.query}" if verdict.query else path


def send(
    client: Client, method: str, path: str, route: Route, body: Mapping[str, Any] | None = None, **headers: str
) -> Any:
    """Send a request as the face takes it: JSON to the API, a form to a page."""
    named = {"X-Request-Id": SAME_REQUEST, **headers}
    if route.is_api and method in UNSAFE:
        return client.generic(method, path, json.dumps(body or {}), "application/json", headers=named)
    form = urlencode(body or {}, doseq=True)
    return client.generic(method, path, form, "application/x-www-form-urlencoded", headers=named)


def outcome(response: HttpResponseBase) -> Outcome | str:
    """What became of a request; a status that no policy knows is told as it is."""
    status = response.status_code
    if 300 <= status < 400:
        target = response["Location"].partition("?")[0]
        return Outcome.LOGIN if target == "/accounts/login/" else Outcome.IN
    if status < 300 or status in (400, 409, 422):
        return Outcome.IN
    known = {401: Outcome.UNAUTHORIZED, 403: Outcome.REFUSED, 404: Outcome.MISSING}
    return known.get(status) or (Outcome.NO_VENDOR if status in (502, 503) else str(status))


def whole(response: HttpResponseBase, path: str) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers, without what is new on each page and the address, which pages repeat."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    body = MOMENT.sub("", TOKEN.sub("", content.decode()).replace(path, ""))
    headers = {name: value for name, value in response.items() if name not in ("Vary", "Content-Length", "Expires")}
    return response.status_code, body, headers
