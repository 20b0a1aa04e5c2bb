"""Where vendors knock: a webhook is verified over its raw bytes, stored once and answered at once."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kapture.api.parsers import StrictJSONParser
from kapture.api.serializers import CamelSerializer
from kapture.api.views import ApiView
from kapture.core.errors import DomainError, PayloadTooLarge
from kapture.inbox.models import WebhookEvent
from kapture.inbox.services import receive

LARGEST = 1 << 20
LONGEST_ID = WebhookEvent._meta.get_field("event_id").max_length or 0
LONGEST_KIND = WebhookEvent._meta.get_field("kind").max_length or 0


class Refused(DomainError):
    """The event is not what its vendor would send: unsigned, forged, too old, from the future, or unreadable."""

    code = "VALIDATION_ERROR"
    status = 400

    def __init__(self, message: str = "The signature does not hold.") -> None:
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Signed:
    """What identifies a verified event: the vendor's id of it, the same in every delivery, and what it tells of."""

    event_id: str
    kind: str


# Takes the raw body and the headers (whatever their case); raises `Refused` for what the vendor did not sign, and
# `Unavailable` while the secret is not set.
Verify = Callable[[bytes, Mapping[str, str]], Signed]


def believe_nobody(body: bytes, headers: Mapping[str, str]) -> Signed:
    """What a view without a provider does."""
    raise Refused


class ReceivedSerializer(CamelSerializer):
    """What became of an event."""

    is_new = serializers.BooleanField(help_text="False when it was received before.")


class WebhookView(ApiView):
    """One vendor's address; who calls is told by the signature alone, so nothing is read or kept without one."""

    authentication_classes = ()
    permission_classes = ()
    # A vendor that catches up after an outage may send hundreds in a second.
    throttle_classes = ()
    provider: ClassVar[str] = ""
    verify: Verify = staticmethod(believe_nobody)

    @extend_schema(request=OpenApiTypes.OBJECT, responses=ReceivedSerializer, auth=[])
    def post(self, request: Request) -> Response:
        """Store a signed event once; it is applied by a job."""
        body = raw_body(request)
        signed = self.verify(body, request.headers)
        payload: Any = StrictJSONParser().parse(io.BytesIO(body))
        if not isinstance(payload, dict):
            raise Refused("An event is a JSON object.")
        if not (0 < len(signed.event_id) <= LONGEST_ID and 0 < len(signed.kind) <= LONGEST_KIND):
            raise Refused("The id or the type of the event is missing or too long.")
        is_new = receive(self.provider, signed.event_id, signed.kind, payload)
        return Response(ReceivedSerializer({"is_new": is_new}).data)


def raw_body(request: Request) -> bytes:
    """The bytes as they came; raises `PayloadTooLarge` from their announced length, before any is read."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not announced.isdigit() or int(announced) > LARGEST:
        raise PayloadTooLarge(f"An event may have {LARGEST:,} bytes.")
    body: bytes = request._request.body
    return body


def webhook(provider: str, verify: Verify) -> Callable[..., HttpResponseBase]:
    """The view of one provider's webhooks, to be routed under `api/webhooks/`."""
    return WebhookView.as_view(provider=provider, verify=verify)
