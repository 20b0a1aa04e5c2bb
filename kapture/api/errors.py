"""Every exception of the API face becomes the envelope of a refusal."""

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions, status
from rest_framework.response import Response

from kapture.api.envelope import dumps, failure
from kapture.core.errors import DomainError, NotFound

logger = logging.getLogger(__name__)
FIELDLESS = "_"

CODES = {
    400: "VALIDATION_ERROR",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "RATE_LIMITED",
    500: "INTERNAL_SERVER_ERROR",
    502: "EXTERNAL_SERVICE_ERROR",
    503: "SERVICE_UNAVAILABLE",
}


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """The answer to an exception raised in a view; None lets an unforeseen one become a logged 500."""
    answer = _answer(error)
    if answer is not None:
        answer.exception = True
    return answer


def _answer(error: Exception) -> Response | None:
    match error:
        case DomainError():
            headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
            return Response(failure(error.code, error.message, error.details), error.status, headers=headers)
        case Http404():
            return _answer(NotFound())
        case PermissionDenied():
            return Response(failure("FORBIDDEN", "You may not do this."), 403)
        case RequestDataTooBig():
            return Response(failure("PAYLOAD_TOO_LARGE", "The body is too large."), 413)
        case SuspiciousOperation():
            return Response(failure("VALIDATION_ERROR", "The request is malformed."), 400)
        case exceptions.ValidationError():
            details = flatten(error.detail)
            return Response(failure("VALIDATION_ERROR", "Some values are not valid.", details), 400)
        case exceptions.APIException():
            return _framework(error)
        case OperationalError():
            logger.warning("database: %s", error)
            return Response(failure("SERVICE_UNAVAILABLE", "Try again in a moment."), 503, headers={"Retry-After": "5"})
    return None


def _framework(error: exceptions.APIException) -> Response:
    headers: dict[str, str] = {}
    details = None
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    headers |= getattr(error, "limit_headers", {})
    if isinstance(error, exceptions.ParseError):
        details = {FIELDLESS: [str(error.detail)]}
    code = CODES.get(error.status_code, "VALIDATION_ERROR")
    return Response(failure(code, str(error.detail), details), error.status_code, headers=headers)


def flatten(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """Field -> messages; nested fields are named with dots, errors of the whole with `_`."""
    if isinstance(detail, Mapping):
        flat: dict[str, list[str]] = {}
        for key, value in detail.items():
            name = FIELDLESS if key == "non_field_errors" else str(key)
            flat |= flatten(value, f"{prefix}.{name}" if prefix else name)
        return flat
    if isinstance(detail, list) and any(isinstance(item, Mapping | list) for item in detail):
        return {
            key: value
            for index, item in enumerate(detail)
            for key, value in flatten(item, f"{prefix}.{index}" if prefix else str(index)).items()
        }
    texts = detail if isinstance(detail, list) else [detail]
    return {prefix or FIELDLESS: [str(text) for text in texts]} if texts else {}


def json_error(request: HttpRequest, code: int, message: str) -> HttpResponse:
    """The envelope for errors outside any API view, byte for byte as a view would write it."""
    assert status.is_client_error(code) or status.is_server_error(code)
    body = dumps(failure(CODES.get(code, "INTERNAL_SERVER_ERROR"), message))
    return HttpResponse(body, content_type="application/json", status=code)
