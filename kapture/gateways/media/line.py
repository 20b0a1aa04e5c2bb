"""One caller's line to the download service: small bounded answers, no redirects, every failure with its name.

The service is the operator's own and its address is a setting, so it may lie in a private network.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import requests
from django.conf import settings
from urllib3.exceptions import HTTPError

from kapture.gateways.bodies import TooLarge, TooLate, whole
from kapture.gateways.media.reasons import FetchFailed, Reason

# The agreement of callers and service; it changes when an older one of them would misunderstand.
CONTRACT: Final = 1
CONNECT_SECONDS: Final = 3.0
READ_SECONDS: Final = 10.0
# A file that stands still is asked for anew from where it stopped, and meanwhile somebody may want to cancel.
FILE_READ_SECONDS: Final = 2.0
MAX_BODY: Final = 4 << 20
LONGEST_WAIT: Final = 60.0
# What `ask` leaves to its caller: all went well, or the state of one download.
ANSWERS: Final = frozenset({200, 202, 204, 404, 409, 410, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said; `wait` is in seconds."""

    status: int
    values: Mapping[str, Any]
    wait: float


class Lost(FetchFailed):
    """The service answers, and knows nothing of this fetch: it was started anew."""

    def __init__(self) -> None:
        super().__init__(Reason.SERVICE_DOWN, detail="the service knows nothing of this fetch")


class _Bearer(requests.auth.AuthBase):
    """Our token; given as an object so that no `.netrc` of the machine takes its place."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {settings.YTDLP_SERVICE_TOKEN}"
        return request


class Line:
    """A connection that is kept for as long as one errand takes."""

    def __init__(self) -> None:
        self.session = requests.Session()
        # No proxy of the machine takes part.
        self.session.trust_env = False
        self.session.auth = _Bearer()
        self.session.headers["Accept-Encoding"] = "identity"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()

    def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, seconds: float = READ_SECONDS
    ) -> Answer:
        """The answer to one request within `seconds`; raises `FetchFailed` when the service is down or refuses us."""
        try:
            with self._send(method, path, seconds, json=body) as response:
                _check(response, ANSWERS)
                text = whole(response, most=MAX_BODY, until=time.monotonic() + seconds)
        except TooLarge as error:
            raise FetchFailed(Reason.SERVICE_FAULT, detail="an answer without end") from error
        except (requests.RequestException, HTTPError, OSError, TooLate) as error:
            raise down(error) from error
        return Answer(response.status_code, _read(text), _wait(response))

    def open(self, path: str, *, start: int) -> requests.Response:
        """An open answer with the bytes of a file from `start` on, for the caller to read and close.

        Raises `FetchFailed`, and `Lost` when the file is not there any more; `down` names what reading it may raise.
        """
        try:
            response = self._send("GET", path, FILE_READ_SECONDS, headers={"Range": f"bytes={start}-"})
        except (requests.RequestException, HTTPError, OSError) as error:
            raise down(error) from error
        try:
            _check(response, frozenset({206, 404, 410}))
            if response.status_code != 206:
                raise Lost
            if not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
                raise FetchFailed(Reason.SERVICE_FAULT, detail="another part of the file than was asked for")
        except FetchFailed:
            response.close()
            raise
        return response

    def _send(self, method: str, path: str, seconds: float, **options: Any) -> requests.Response:
        return self.session.request(
            method,
            f"{settings.YTDLP_SERVICE_URL}{path}",
            timeout=(CONNECT_SECONDS, seconds),
            allow_redirects=False,
            stream=True,
            **options,
        )


def down(error: Exception) -> FetchFailed:
    """The failure of a service that cannot be reached, or that hung up."""
    return FetchFailed(Reason.SERVICE_DOWN, detail=f"{type(error).__name__}: {error}")


def _check(response: requests.Response, expected: frozenset[int]) -> None:
    status = response.status_code
    if status in expected:
        return
    if status in {401, 403}:
        raise FetchFailed(Reason.SERVICE_REFUSED, detail=f"answered {status}")
    if status == 429 or status >= 500:
        raise FetchFailed(Reason.SERVICE_DOWN, detail=f"answered {status}")
    raise FetchFailed(Reason.SERVICE_FAULT, detail=f"answered {status}")


def _read(text: bytes) -> Mapping[str, Any]:
    try:
        values = json.loads(text) if text else {}
    except (ValueError, RecursionError) as error:
        raise FetchFailed(Reason.SERVICE_FAULT, detail="no JSON") from error
    if not isinstance(values, dict):
        raise FetchFailed(Reason.SERVICE_FAULT, detail="no object")
    return values


def _wait(response: requests.Response) -> float:
    header = response.headers.get("Retry-After", "").strip()
    is_number = header.isascii() and header.isdigit() and len(header) < 9
    return max(1.0, min(float(header), LONGEST_WAIT)) if is_number else 1.0
