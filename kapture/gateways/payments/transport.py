"""How the SDK reaches Stripe: no redirects, a cap on bodies, a cap on the whole call with its retries."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import requests
import stripe
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from kapture.gateways.bodies import TooLarge, TooLate, whole

MAX_BODY: Final = 10 << 20
# The SDK waits at least this long before it tries again.
SHORTEST_WAIT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for a connection, for the next bytes, and for a whole call with its retries."""

    connect: float = 3.0
    read: float = 15.0
    call: float = 25.0


class Transport(stripe.RequestsClient):
    """One session a thread; what goes wrong on the way is an `APIConnectionError`, so that the SDK repeats it.

    Repeating is safe: the SDK sends every POST with an Idempotency-Key and keeps it for all attempts.
    """

    def __init__(self, timeouts: Timeouts) -> None:
        super().__init__(timeout=(timeouts.connect, timeouts.read))
        self._timeouts = timeouts
        self._here = threading.local()

    def begin(self) -> None:
        """Start the clock of one call."""
        self._here.until = time.monotonic() + self._timeouts.call

    def request(  # type: ignore[override]  # as the SDK's own clients do
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Send one request and read its answer whole."""
        left = self._left()
        if left <= 0:
            raise _lost("the time of the call is used up", again=False)
        try:
            body, status, told = self._exchange(method, url, headers, post_data, left)
        except (requests.Timeout, requests.ConnectionError, HTTPError, OSError) as error:
            again = not isinstance(error, requests.exceptions.SSLError)
            raise _lost(type(error).__name__, again=again and self._left() > SHORTEST_WAIT) from error
        except (requests.RequestException, ValueError) as error:
            raise _lost(type(error).__name__, again=False) from error
        if self._left() <= SHORTEST_WAIT:
            told["stripe-should-retry"] = "false"
        return body, status, told

    def _left(self) -> float:
        return float(self._here.until - time.monotonic())

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any, left: float
    ) -> tuple[bytes, int, CaseInsensitiveDict[str]]:
        timeout = (min(self._timeouts.connect, left), min(self._timeouts.read, left))
        until = time.monotonic() + min(self._timeouts.read, left)
        with self._session_here().request(
            method, url, headers=headers, data=post_data, timeout=timeout, allow_redirects=False, stream=True
        ) as response:
            try:
                body = whole(response, most=MAX_BODY, until=until)
            except TooLarge as error:
                raise _lost("the answer is larger than any honest one", again=False) from error
            except TooLate as error:
                raise _lost("the answer did not end in time", again=True) from error
            return body, response.status_code, response.headers

    def _session_here(self) -> requests.Session:
        session: requests.Session | None = getattr(self._here, "session", None)
        if session is None:
            session = self._here.session = requests.Session()
        return session


def _lost(told: str, *, again: bool) -> stripe.APIConnectionError:
    return stripe.APIConnectionError(f"Stripe: {told}", should_retry=again)  # type: ignore[no-untyped-call]
