"""What went wrong at Stripe, in one error type with a stable reason."""

from typing import Final

import stripe

from kapture.core.errors import VendorFailed

SERVICE: Final = "stripe"
LONGEST_RETRY_AFTER: Final = 3_600
# The SDK hands bodies on unchecked: an answer of another shape surfaces as one of Python's own errors.
RAISED = (stripe.StripeError, ValueError, TypeError, KeyError, AttributeError, RecursionError)

MESSAGES: Final = {
    "auth": "Stripe refused the key; check STRIPE_SECRET_KEY.",
    "bad_request": "Stripe did not accept the request.",
    "not_found": "Stripe does not know this object.",
    "key_reused": "This payment was begun before with other details; begin it again.",
    "declined": "The payment was declined.",
    "rate_limited": "Stripe asks to slow down.",
    "unreachable": "Stripe cannot be reached.",
    "vendor_down": "Stripe has a fault of its own.",
    "bad_output": "Stripe answered in a form that is not understood.",
}
RETRYABLE: Final = frozenset({"rate_limited", "unreachable", "vendor_down", "bad_output"})


def failure(reason: str, *, retry_after: int | None = None) -> VendorFailed:
    """The error of one reason, with its message and whether waiting helps."""
    retryable = reason in RETRYABLE
    return VendorFailed(SERVICE, reason, MESSAGES[reason], retryable=retryable, retry_after=retry_after)


def translate(error: Exception) -> VendorFailed:
    """The error of our own that stands for one of `RAISED`."""
    if isinstance(error, stripe.StripeError):
        return failure(_reason(error), retry_after=_retry_after(error))
    return failure("bad_output")


def _reason(error: stripe.StripeError) -> str:
    match error:
        case stripe.APIConnectionError():
            return "unreachable"
        case stripe.RateLimitError():
            return "rate_limited"
        case stripe.AuthenticationError() | stripe.PermissionError():
            return "auth"
        case stripe.CardError():
            return "declined"
        case stripe.IdempotencyError():
            return "key_reused"
        case stripe.InvalidRequestError():
            return "not_found" if error.http_status == 404 or error.code == "resource_missing" else "bad_request"
    status = error.http_status or 0
    if status >= 500 or status == 409:
        return "vendor_down"
    return "bad_request" if status >= 400 else "bad_output"


def _retry_after(error: stripe.StripeError) -> int | None:
    value = str((error.headers or {}).get("retry-after", ""))
    return min(int(value), LONGEST_RETRY_AFTER) if value.isascii() and value.isdigit() and len(value) < 10 else None
