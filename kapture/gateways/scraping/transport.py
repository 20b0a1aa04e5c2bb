"""How the Apify client reaches its server: no redirects, a cap on bodies, a cap on the whole call."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import impit
from apify_client.http_clients import HttpClient, HttpResponse

MAX_BODY: Final = 10 << 20
LONGEST_WAIT: Final = 60


class BodyTooLargeError(Exception):
    """The answer is larger than any honest one."""


class CallTooSlowError(TimeoutError):
    """The answer did not end within the time of the call."""


class Transport(HttpClient):
    """Impit without redirects (an API that redirects is not the API), reading at most `MAX_BODY` bytes.

    `retry_after` keeps what the last refusing answer asked for, in seconds up to 60, because the client's errors drop
    their headers. An instance belongs to one thread.
    """

    retry_after: int | None = None

    def is_timeout_error(self, exc: Exception) -> bool:
        """Whether the call ran out of time."""
        return super().is_timeout_error(exc) or isinstance(exc, impit.TimeoutException)

    def is_retryable_transport_error(self, exc: Exception) -> bool:
        """Whether sending the same request again may help."""
        return isinstance(exc, impit.TransportError | CallTooSlowError) and not isinstance(
            exc, impit.LocalProtocolError
        )

    def send_request(
        self,
        *,
        method: str,
        url: str,
        headers: dict[str, str],
        content: bytes | Iterator[bytes] | None,
        timeout: float | None,
        stream: bool,
    ) -> HttpResponse:
        """Send one request and read its answer whole."""
        allowed = timeout or float(LONGEST_WAIT)
        deadline = time.monotonic() + allowed
        body = content if isinstance(content, bytes) or content is None else b"".join(content)
        with impit.Client(follow_redirects=False) as client:
            response = client.request(method, url, content=body, headers=headers, timeout=allowed, stream=True)
            try:
                payload = _whole(response, deadline)
            finally:
                response.close()
        if response.status_code >= 400:
            self.retry_after = _wanted_wait(response.headers.get("retry-after", ""))
        kept = {key: value for key, value in response.headers.items() if key.lower() != "content-encoding"}
        return impit.Response(response.status_code, content=payload, headers=kept)


def _whole(response: impit.Response, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > MAX_BODY:
            raise BodyTooLargeError
        if time.monotonic() > deadline:
            raise CallTooSlowError
        parts.append(part)
    return b"".join(parts)


def _wanted_wait(header: str) -> int | None:
    """Seconds named by a Retry-After header (a number or a date), between 1 and 60; None when there is none."""
    header = header.strip()
    if not header:
        return None
    try:
        wait = float(header) if header[0].isdigit() else _until(header)
    except (ValueError, TypeError):
        return None
    return max(1, min(LONGEST_WAIT, round(wait)))


def _until(date: str) -> float:
    at = parsedate_to_datetime(date)
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
