"""From the many ways a fetch breaks to one named reason."""

import errno
import re
from collections.abc import Iterator

from yt_dlp.networking.exceptions import HTTPError, RequestError, TransportError, UnsupportedRequest
from yt_dlp.utils import (
    ContentTooShortError,
    GeoRestrictedError,
    UnsupportedError,
    UserNotLive,
    YoutubeDLError,
)

from kapture.gateways.media.reasons import FetchFailed, Reason

_STATUSES = {
    401: Reason.NEEDS_SIGN_IN,
    402: Reason.NEEDS_SIGN_IN,
    403: Reason.BLOCKED,
    404: Reason.REMOVED,
    410: Reason.REMOVED,
    429: Reason.RATE_LIMITED,
    451: Reason.GEO_BLOCKED,
}
# Extractors tell these things in words only. The order matters: a private video also asks to sign in.
_WORDS: tuple[tuple[str, Reason], ...] = (
    (r"\bprivate\b|only visible to|friends-only|followers only", Reason.PRIVATE),
    (
        r"not available (from|in) your|geo.?restrict|blocked .{0,30}in your country|your (country|location|region)",
        Reason.GEO_BLOCKED,
    ),
    (
        r"sign in|log ?in|logged.in|cookies|account|members.only|age.restricted|confirm your age|subscri",
        Reason.NEEDS_SIGN_IN,
    ),
    (r"\bDRM\b", Reason.PROTECTED),
    (r"live event|livestream|is live\b|will begin|premieres? in|has not started", Reason.LIVE),
    (
        r"removed|deleted|does not exist|no longer available|unavailable|not found|terminated|http error (404|410)",
        Reason.REMOVED,
    ),
    (r"rate.?limit|too many requests|http error 429", Reason.RATE_LIMITED),
    (r"connection adapters were found for", Reason.REFUSED_ADDRESS),
    (r"bytes read, \d+ more expected|timed out", Reason.UNREACHABLE),
    (r"did not get any data|empty file", Reason.BAD_MEDIA),
    (r"no suitable extractor|unsupported url|no video|no media|no formats|requested format", Reason.UNSUPPORTED),
)
_ADDRESS = re.compile(r"https?://\S+|\S+:\d+\S*")
_ERRNOS = {errno.ENOSPC: Reason.NO_SPACE, errno.EDQUOT: Reason.NO_SPACE, errno.EFBIG: Reason.TOO_LARGE}


def chain(error: BaseException) -> Iterator[BaseException]:
    """An error and everything it came from: vendor wrappers keep the origin in three different places."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inside = getattr(one, "exc_info", None)
        waiting += [getattr(one, "cause", None), inside[1] if inside else None, one.__cause__, one.__context__]


def explain(error: Exception) -> FetchFailed:
    """The named failure behind any error of a fetch."""
    links = list(chain(error))
    detail = f"{type(error).__name__}: {error}"
    for one in links:
        reason = _reason_of(one)
        if reason is not None:
            return one if isinstance(one, FetchFailed) else FetchFailed(reason, detail=detail)
    if any(isinstance(one, TransportError) for one in links):
        return FetchFailed(Reason.UNREACHABLE, detail=detail)
    # What an address happens to be called says nothing about what went wrong.
    words = _ADDRESS.sub("", " ".join(str(one) for one in links if isinstance(one, YoutubeDLError)))
    for pattern, reason in _WORDS:
        if re.search(pattern, words, re.IGNORECASE):
            return FetchFailed(reason, detail=detail)
    if any(isinstance(one, RequestError | TimeoutError | ConnectionError) for one in links):
        return FetchFailed(Reason.UNREACHABLE, detail=detail)
    return FetchFailed(Reason.UNSUPPORTED if words else Reason.CRASHED, detail=detail)


def _reason_of(error: BaseException) -> Reason | None:
    match error:
        case FetchFailed():
            return Reason(error.reason)
        case HTTPError():
            return _STATUSES.get(error.status, Reason.UNREACHABLE if error.status >= 500 else None)
        case GeoRestrictedError():
            return Reason.GEO_BLOCKED
        case UserNotLive():
            return Reason.LIVE
        case UnsupportedRequest():
            return Reason.REFUSED_ADDRESS
        case UnsupportedError():
            return Reason.UNSUPPORTED
        case ContentTooShortError():
            return Reason.UNREACHABLE
        case MemoryError():
            return Reason.TOO_LARGE
        case OSError() if error.errno in _ERRNOS:
            return _ERRNOS[error.errno]
    return None
