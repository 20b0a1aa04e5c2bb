"""One HTTP request as a stand-in sees it, and the answer it gives."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

JSON_TYPE = "application/json; charset=utf-8"


class BadRequestError(Exception):
    """The request cannot be read; the stand-in answers 400 in its vendor's own envelope."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose body was already unchunked and unzipped; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; raises `BadRequestError` when it is none."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise BadRequestError(f"The body is not valid JSON: {error}") from error

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object, an empty body as an empty object; raises `BadRequestError` for anything else."""
        value = self.json() if self.body else {}
        if not isinstance(value, dict):
            raise BadRequestError("The body must be a JSON object.")
        return value

    def number(self, name: str, default: float) -> float:
        """One query value as a number; raises `BadRequestError` when it is not one."""
        text = self.query.get(name, "")
        try:
            return float(text) if text else default
        except ValueError as error:
            raise BadRequestError(f"{name} must be a number.") from error

    @property
    def bearer(self) -> str:
        """The token of `Authorization: Bearer …`, or an empty text."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


class Ending(StrEnum):
    """How the connection goes on after an answer."""

    KEEP = "keep"
    CLOSE = "close"
    RESET = "reset"


@dataclass(slots=True)
class Response:
    """An answer; `length` is declared as Content-Length even when the body is shorter, None with parts means chunked.

    `silent` sends no byte at all before the `ending`.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""
    length: int | None = None
    ending: Ending = Ending.KEEP
    silent: bool = False

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> "Response":
        """Any JSON value."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, {"content-type": JSON_TYPE, **(headers or {})}, body)

    @classmethod
    def text(cls, text: str, content_type: str = "text/plain; charset=utf-8", status: int = 200) -> "Response":
        """Any text."""
        return cls(status, {"content-type": content_type}, text.encode())

    def parts(self) -> Iterable[bytes]:
        """The body as pieces."""
        return [self.body] if isinstance(self.body, bytes) else self.body

    @property
    def declared(self) -> int | None:
        """Bytes of the body as told to the client, None when it is sent chunked."""
        return len(self.body) if self.length is None and isinstance(self.body, bytes) else self.length


Answer = Callable[[], Response]
