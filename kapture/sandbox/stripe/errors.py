"""Refusals in Stripe's envelope."""

from typing import Any

from kapture.sandbox.messages import Response

_TYPES = {402: "card_error", 409: "idempotency_error", 429: "rate_limit_error"}
_CODES = {404: "resource_missing", 429: "rate_limit"}


class RefusedError(Exception):
    """A request Stripe would not take."""

    def __init__(
        self, message: str, *, param: str | None = None, code: str | None = None, status: int = 400, kind: str = ""
    ) -> None:
        super().__init__(message)
        self.message, self.param, self.code, self.status, self.kind = message, param, code, status, kind


def envelope(error: RefusedError) -> Response:
    """`{"error": {"type", "message", "code", "param"}}`, without the names that have no value."""
    status = error.status
    kind = error.kind or _TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
    told: dict[str, Any] = {"code": error.code or _CODES.get(status), "param": error.param}
    shown = {name: value for name, value in told.items() if value is not None}
    return Response.json({"error": {"message": error.message, "type": kind, **shown}}, status)


def missing(kind: str, ident: str, param: str = "id", status: int = 404) -> RefusedError:
    """No such object: 404 in a path, 400 as a parameter."""
    return RefusedError(f"No such {kind}: '{ident}'", param=param, code="resource_missing", status=status)
