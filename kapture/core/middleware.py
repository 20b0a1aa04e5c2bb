"""Middleware that knows no face."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from kapture.core.context import acting_key, request_id
from kapture.core.ids import new_id

ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIdMiddleware:
    """Give each request an id (the caller's own when it is plain), echo it in `X-Request-Id`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on under its id."""
        given = request.headers.get("X-Request-Id", "")
        current = given if ACCEPTED.fullmatch(given) else new_id().hex
        token = request_id.set(current)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-Id"] = current
        return response


class ActingKeyMiddleware:
    """Let no request act with the key of the one before: threads serve many people, and keep what was set on them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on without a key; authentication names one, which is forgotten with the answer."""
        token = acting_key.set(None)
        try:
            return self.get_response(request)
        finally:
            acting_key.reset(token)


class NothingKeptMiddleware:
    """Answers belong to whom they were made for: no browser or proxy keeps one, unless its view says otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Forbid storing what came back without a word about it."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
