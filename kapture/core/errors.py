"""What can go wrong, as types: each carries its code, status and data, and one handler per face shows it."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal a caller can act on; `code` and `status` are those of the API contract."""

    code: ClassVar[str] = "INTERNAL_SERVER_ERROR"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, details: Any = None, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.retry_after = retry_after


class InvalidInput(DomainError):
    """Body, query or form is wrong; `details` maps a field to its messages."""

    code = "VALIDATION_ERROR"
    status = 400

    def __init__(self, errors: Mapping[str, Sequence[str]], message: str = "Some values are not valid.") -> None:
        super().__init__(message, details={field: list(texts) for field, texts in errors.items()})


class Unauthorized(DomainError):
    """No, expired or forged credentials."""

    code = "UNAUTHORIZED"
    status = 401


class Forbidden(DomainError):
    """A known caller who may not do this."""

    code = "FORBIDDEN"
    status = 403


class UsageExceeded(DomainError):
    """The plan's limit of one usage kind would be passed."""

    code = "USAGE_EXCEEDED"
    status = 403


class NotFound(DomainError):
    """Missing, or somebody else's: the two must look the same."""

    code = "NOT_FOUND"
    status = 404

    def __init__(self, message: str = "Not found.") -> None:
        super().__init__(message)


class Conflict(DomainError):
    """The thing is in a state that does not allow this."""

    code = "CONFLICT"
    status = 409


class PayloadTooLarge(DomainError):
    """The body is larger than this endpoint takes."""

    code = "PAYLOAD_TOO_LARGE"
    status = 413


class RateLimited(DomainError):
    """Too many requests; `retry_after` is in seconds."""

    code = "RATE_LIMITED"
    status = 429


class VendorFailed(DomainError):
    """A vendor did not do its part; `reason` is a stable word, `retryable` says whether waiting helps."""

    code = "EXTERNAL_SERVICE_ERROR"
    status = 502

    def __init__(
        self, service: str, reason: str, message: str, *, retryable: bool = False, retry_after: int | None = None
    ) -> None:
        super().__init__(message, details={"service": service, "retryable": retryable}, retry_after=retry_after)
        self.service = service
        self.reason = reason
        self.retryable = retryable


class Unavailable(DomainError):
    """A part of the product is switched off or resting; `retry_after` is in seconds."""

    code = "SERVICE_UNAVAILABLE"
    status = 503
