"""What went wrong at Apify, in one error type with a stable reason."""

from json import JSONDecodeError

import impit
from apify_client.errors import (
    ApifyApiError,
    ApifyClientError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RateLimitError,
    ServerError,
    UnauthorizedError,
)
from pydantic import ValidationError

from kapture.core.errors import VendorFailed
from kapture.gateways.scraping.switch import SERVICE
from kapture.gateways.scraping.transport import BodyTooLargeError

# Everything a call may end with: the client's own errors, impit's (which are no kin of them), pydantic's for an answer
# of another shape, and what the client raises on its own when headers or bodies are not what it expects.
FAMILIES = (
    ApifyClientError,
    impit.HTTPError,
    impit.InvalidURL,
    impit.StreamError,
    ValidationError,
    JSONDecodeError,
    BodyTooLargeError,
    TimeoutError,
    OSError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RecursionError,
)


def translate(error: Exception, retry_after: int | None, *, starting: bool) -> VendorFailed:
    """The `VendorFailed` for an error of a call; a start that may have worked is "start_unknown" and retryable."""
    if isinstance(error, ApifyApiError) and not isinstance(error, ServerError):
        return _refusal(error, retry_after)
    # The request may have reached the platform, whose answer did not reach us.
    if starting and not isinstance(error, impit.ConnectError | impit.InvalidURL):
        return _failed("start_unknown", "Apify did not say whether it began.", True, retry_after)
    if isinstance(error, ServerError):
        return _failed("down", "Apify has a fault of its own.", True, retry_after)
    if isinstance(error, TimeoutError | impit.TimeoutException):
        return _failed("timeout", "Apify did not answer in time.", True)
    if isinstance(error, BodyTooLargeError):
        return _failed("too_large", "Apify sent far more than was asked for.", False)
    if isinstance(error, impit.HTTPError | impit.InvalidURL | impit.StreamError | OSError):
        return _failed("unreachable", "Apify cannot be reached.", True)
    return _failed("bad_answer", "Apify answered in a form that is not understood.", True)


def _refusal(error: ApifyApiError, retry_after: int | None) -> VendorFailed:
    if isinstance(error, RateLimitError):
        return _failed("rate_limited", "Apify asks to slow down.", True, retry_after)
    if isinstance(error, UnauthorizedError):
        return _failed("bad_token", "Apify refused the token; check APIFY_API_TOKEN.", False)
    if error.status_code == 402:
        return _failed("no_credit", "The credit at Apify is used up.", False)
    if isinstance(error, ForbiddenError):
        return _failed("forbidden", "The account at Apify may not use this actor.", False)
    if isinstance(error, NotFoundError):
        return _failed("not_found", "Apify does not know this actor or run.", False)
    if isinstance(error, InvalidRequestError):
        return _failed("bad_request", "Apify did not accept this search.", False)
    return _failed("refused", f"Apify refused ({error.status_code}).", False)


def _failed(reason: str, message: str, retryable: bool, retry_after: int | None = None) -> VendorFailed:
    return VendorFailed(SERVICE, reason, message, retryable=retryable, retry_after=retry_after)
