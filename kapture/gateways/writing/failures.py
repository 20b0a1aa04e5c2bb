"""What the SDK raises, and what it lets pass, as one kind of error with a stable reason."""

import httpx2
import openai

from kapture.gateways.writing.contract import Usage, WritingFailed

# The SDK does not validate bodies: junk surfaces as ValueError (JSON, pydantic, text decoding) or as a transport error.
RAISED = (openai.OpenAIError, httpx2.HTTPError, ValueError)
LONGEST_RETRY_AFTER = 3_600
NO_CREDIT = {"insufficient_quota", "billing_hard_limit_reached", "insufficient_credits"}
TOO_LONG = {"context_length_exceeded", "string_above_max_length"}

MESSAGES = {
    "bad_key": "The writing provider refused the API key.",
    "no_credit": "The writing provider's account is out of credit.",
    "rate_limited": "The writing provider asks to slow down.",
    "unknown_model": "The writing provider does not know the model or the address that is set.",
    "bad_request": "The writing provider refused the request.",
    "too_long": "The sources and the draft are too long for the model.",
    "timeout": "The writing provider did not answer in time.",
    "unreachable": "The writing provider cannot be reached.",
    "overloaded": "The writing provider has a problem of its own.",
    "refused": "The model declined to write this.",
    "bad_output": "The model's answer could not be read.",
    "empty": "The model sent an empty answer.",
    "cut": "The answer broke off before it was complete.",
}
RETRYABLE = {"rate_limited", "timeout", "unreachable", "overloaded", "bad_output", "empty", "cut"}


def failure(reason: str, *, retry_after: int | None = None, usage: Usage | None = None) -> WritingFailed:
    """The error of one reason, with its message and whether waiting helps."""
    retryable = reason in RETRYABLE
    return WritingFailed(reason, MESSAGES[reason], retryable=retryable, retry_after=retry_after, usage=usage)


def translate(error: Exception) -> WritingFailed:
    """The error of our own that stands for one of `RAISED`."""
    if isinstance(error, WritingFailed):
        return error
    return failure(_reason(error), retry_after=_retry_after(error))


def _reason(error: Exception) -> str:
    match error:
        case openai.APITimeoutError():
            return "timeout"
        case openai.APIConnectionError() | httpx2.HTTPError():
            return "unreachable"
        case openai.APIStatusError():
            return _status_reason(error)
        case openai.APIError():
            # An error inside a 200 answer or in the middle of a stream carries its status, if any, as its code.
            return _code_reason(error.code)
        case _:
            return "bad_output"


def _status_reason(error: openai.APIStatusError) -> str:
    if error.code in NO_CREDIT or error.status_code == 402:
        return "no_credit"
    if error.code in TOO_LONG or error.status_code == 413:
        return "too_long"
    named = {401: "bad_key", 403: "bad_key", 404: "unknown_model", 408: "timeout", 429: "rate_limited"}
    return named.get(error.status_code, "overloaded" if error.status_code >= 500 else "bad_request")


def _code_reason(code: str | None) -> str:
    if code in NO_CREDIT or code == "402":
        return "no_credit"
    if code in TOO_LONG:
        return "too_long"
    if code in {"429", "rate_limit_exceeded"}:
        return "rate_limited"
    return "overloaded"


def in_band(code: object) -> WritingFailed:
    """The failure described by an `error` object that arrived with status 200."""
    return failure(_code_reason(None if code is None else str(code)))


def _retry_after(error: Exception) -> int | None:
    if not isinstance(error, openai.APIStatusError):
        return None
    value = error.response.headers.get("retry-after", "")
    return min(int(value), LONGEST_RETRY_AFTER) if value.isascii() and value.isdigit() else None
