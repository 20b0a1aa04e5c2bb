"""What went wrong at Clerk, in one error type with a stable reason."""

from typing import Final

from kapture.core.errors import VendorFailed

SERVICE: Final = "clerk"
MESSAGES: Final = {
    "auth": "Clerk refused the key; check CLERK_SECRET_KEY.",
    "bad_request": "Clerk did not accept the request.",
    "rate_limited": "Clerk asks to slow down.",
    "unreachable": "Clerk cannot be reached.",
    "vendor_down": "Clerk has a fault of its own.",
    "bad_output": "Clerk answered in a form that is not understood.",
}
RETRYABLE: Final = frozenset({"rate_limited", "unreachable", "vendor_down", "bad_output"})


def failure(reason: str, *, retry_after: int | None = None) -> VendorFailed:
    """The error of one reason, with its message and whether waiting helps."""
    return VendorFailed(SERVICE, reason, MESSAGES[reason], retryable=reason in RETRYABLE, retry_after=retry_after)
