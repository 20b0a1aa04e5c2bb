"""Routes that do one thing each, so that the kit can be looked at without a room."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from django.urls import include, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services import issue_key
from billing.services import reserve
from kapture.api.idempotency import idempotent, idempotent_outside
from kapture.api.serializers import CamelSerializer
from kapture.api.views import ApiView
from kapture.core import errors
from kapture.core.choices import UsageKind
from kapture.core.ids import new_id
from kapture.urls import urlpatterns as real

SECRET = "the password is hunter2"
RAISED: dict[str, Callable[[], Exception]] = {
    "invalid": lambda: errors.InvalidInput({"field": ["Wrong."]}),
    "unauthorized": lambda: errors.Unauthorized("Sign in."),
    "forbidden": lambda: errors.Forbidden("Not you."),
    "denied": PermissionDenied,
    "missing": errors.NotFound,
    "missing-page": Http404,
    "conflict": lambda: errors.Conflict("It has ended."),
    "large": lambda: errors.PayloadTooLarge("Too much."),
    "limited": lambda: errors.RateLimited("Slow down.", retry_after=7),
    "vendor": lambda: errors.VendorFailed("apify", "refused", "Apify refused.", retryable=True, retry_after=30),
    "resting": lambda: errors.Unavailable("Switched off.", retry_after=60),
    "database": lambda: OperationalError(SECRET),
    "suspicious": lambda: SuspiciousOperation(SECRET),
    "unforeseen": lambda: ZeroDivisionError(SECRET),
}


class Raise(ApiView):
    """Fails in one named way."""

    def get(self, request: Request, name: str) -> Response:
        error = RAISED[name]()
        raise error


class Spend(ApiView):
    """Takes more than there is."""

    def post(self, request: Request) -> Response:
        reserve(self.caller, UsageKind.SCRAPE, 10_000, source_id=new_id())
        return Response({})


class Values(ApiView):
    """One value of each type."""

    def get(self, request: Request) -> Response:
        self.meta["usage"] = {"type": "scrape"}
        return Response(
            {
                "id": UUID(int=7),
                "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
                "big": 2**63 - 1,
                "price": Decimal("19.90"),
                "nothing": None,
            }
        )


class Inner(CamelSerializer):
    """A nested part."""

    deep_count = serializers.IntegerField(min_value=1)


class Form(CamelSerializer):
    """What `Echo` reads."""

    some_text = serializers.CharField(max_length=20)
    many_parts = Inner(many=True, required=False)
    free_json = serializers.JSONField(required=False)


class Echo(ApiView):
    """Reads and answers the same."""

    def post(self, request: Request) -> Response:
        read: dict[str, Any] = self.read(Form)
        return Response(Form(read).data)


class Make(ApiView):
    """Makes one key named `name`; waits, then fails, when asked to."""

    @idempotent
    def post(self, request: Request) -> Response:
        return self.make(request)

    def make(self, request: Request) -> Response:
        key = issue_key(self.caller, request.data["name"]).key
        time.sleep(request.data.get("wait", 0))
        if request.data.get("fail"):
            raise errors.Conflict("Asked to fail.")
        self.meta["usage"] = {"type": "scrape", "remaining": 7}
        return Response({"id": key.pk, "at": key.created_at}, status=201)


class MakeOutside(Make):
    """The same for work that must not run inside a transaction."""

    @idempotent_outside
    def post(self, request: Request) -> Response:
        return self.make(request)


class Few(ApiView):
    """Answers three times a minute."""

    rate = "3/minute"

    def get(self, request: Request) -> Response:
        return Response({})


routes = [
    path("kit/make", Make.as_view()),
    path("kit/make-outside", MakeOutside.as_view()),
    path("kit/few", Few.as_view()),
    path("kit/raise/<str:name>", Raise.as_view()),
    path("kit/spend", Spend.as_view()),
    path("kit/values", Values.as_view()),
    path("kit/echo", Echo.as_view()),
]
urlpatterns = [path("api/", include(routes)), *real]
handler400 = "kapture.views.bad_request"
handler403 = "kapture.views.forbidden"
handler404 = "kapture.views.not_found"
handler500 = "kapture.views.server_error"
