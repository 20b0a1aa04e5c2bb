"""The envelope around every answer."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer

from kapture.core.context import request_id


def encode(value: Any) -> Any:
    """What orjson cannot write by itself: lazy texts, decimals and the like, as text."""
    return str(value)


def dumps(value: Any) -> bytes:
    """JSON as the API writes it, with times in UTC that end in `Z`."""
    return orjson.dumps(value, default=encode, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def success(data: Any, meta: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The envelope of an answer."""
    return {"success": True, "data": data, "error": None, "meta": dict(meta or {})}


def failure(code: str, message: str, details: Any = None) -> dict[str, Any]:
    """The envelope of a refusal."""
    error = {"code": code, "message": message, "details": details}
    return {"success": False, "data": None, "error": error, "meta": {"requestId": request_id.get()}}


class EnvelopeRenderer(BaseRenderer):
    """Write JSON with orjson; views return bare data and put extras into `self.meta`."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """The bytes of the answer; a failure arrives as a whole envelope from the error handler."""
        context = renderer_context or {}
        response = context.get("response")
        if response is not None and response.status_code == 204:
            return b""
        if response is None or not response.exception:
            data = success(data, getattr(context.get("view"), "meta", None))
        return dumps(data)


class JsonOnly(BaseContentNegotiation):
    """The API speaks JSON whatever the `Accept` header says."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """The parser for the body's declared type, if there is one."""
        content_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == content_type), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        """The one renderer."""
        return renderers[0], renderers[0].media_type
