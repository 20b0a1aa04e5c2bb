"""Reading bodies."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser

from kapture.core.errors import PayloadTooLarge

# Far above any document of the product, far below where writers of JSON give up (orjson at 254).
MAX_DEPTH = 128


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 has it: UTF-8, no NaN, no lone surrogates, no NUL (PostgreSQL stores none).

    It is bounded in size and depth; of two equal keys in one object the last counts.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value of the body; raises 400, 413 or 415."""
        request = (parser_context or {}).get("request")
        if request is not None and request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise UnsupportedMediaType(request.headers["Content-Encoding"], "Compressed bodies are not read.")
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise PayloadTooLarge(f"The body may have {limit:,} bytes.")
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError("The body is not valid JSON.") from error
        # Most bodies are flat and hold no escaped NUL: two searches in the bytes spare them the walk.
        if b"\\u0000" in body or body.count(b"[") + body.count(b"{") > MAX_DEPTH:
            _check(value)
        return value


def _check(value: Any) -> None:
    """Refuse NUL characters and values nested deeper than `MAX_DEPTH`, level by level so that no depth can hurt."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        if any(isinstance(item, str) and "\0" in item for item in level):
            raise ParseError("The body holds a NUL character.")
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += item.keys()
                below += item.values()
            elif isinstance(item, list):
                below += item
        if not below:
            return
        level = below
    raise ParseError(f"The body is nested deeper than {MAX_DEPTH} levels.")
