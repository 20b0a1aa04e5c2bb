"""What can go wrong at a remote store, by name."""

import logging
from collections.abc import Callable
from typing import Literal, TypeVar, overload

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import BotoCoreError, ClientError
from s3transfer.exceptions import S3DownloadFailedError

from kapture.core.errors import Unavailable, VendorFailed
from kapture.gateways.breaker import guarded
from kapture.gateways.storage.entry import SERVICE

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")
FULL = frozenset({"InsufficientStorage", "QuotaExceeded", "507"})
MISSING = frozenset({"404", "NoSuchKey", "NotFound", "NoSuchUpload"})


@overload
def asked(call: Callable[[], Answer], *, missing: Literal[True]) -> Answer | None: ...
@overload
def asked(call: Callable[[], Answer]) -> Answer: ...
def asked(call: Callable[[], Answer], *, missing: bool = False) -> Answer | None:
    """The store's answer; with `missing`, None when it has no such thing.

    Raises `VendorFailed`: `store_down` (also at once while the store rests after failures), `store_refused` and
    `no_space`. What the caller's own code raised passes.
    """
    try:
        return guarded(SERVICE, lambda: translated(call, missing))
    except Unavailable as resting:
        raise VendorFailed(
            SERVICE, "store_down", "The store does not answer.", retryable=True, retry_after=resting.retry_after
        ) from resting


def translated(call: Callable[[], Answer], missing: bool = False) -> Answer | None:
    """The same without asking whether the store rests: for what goes on with an answer that came."""
    try:
        return call()
    except ClientError as error:
        if missing and _code(error) in MISSING:
            return None
        raise _named(error) from error
    except (S3UploadFailedError, S3DownloadFailedError) as error:
        cause = error.__cause__ or error.__context__
        raise (_named(cause) if isinstance(cause, ClientError) else _down()) from error
    except BotoCoreError as error:
        raise _down() from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _named(error: ClientError) -> VendorFailed:
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if _code(error) in FULL or status == 507:
        return VendorFailed(SERVICE, "no_space", "The store has no room left.", retryable=True)
    if status >= 500 or status == 429 or _code(error) in {"SlowDown", "RequestTimeout"}:
        return _down()
    # Keys, clock or bucket are not what the store expects: staff have to look, and waiting may have helped by then.
    logger.error("the store refused: %s (%s)", _code(error), status)
    return VendorFailed(SERVICE, "store_refused", "The store refused this.", retryable=True)


def _down() -> VendorFailed:
    return VendorFailed(SERVICE, "store_down", "The store does not answer.", retryable=True)
