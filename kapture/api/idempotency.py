"""`Idempotency-Key`: the same request twice has one effect and one answer."""

import functools
import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from kapture.api.envelope import dumps
from kapture.api.models import Replay
from kapture.core.errors import Conflict, InvalidInput

KEPT = timedelta(hours=24)
Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Handler:
    """Run a POST handler at most once per caller and key.

    Effect and answer commit together, and a second request with the key waits for the first: there is no moment at
    which one exists without the other. Refusals are not kept, so that the same request may succeed later. What a view
    names in `shown_once` is null in a replay, because secrets are stored nowhere.
    """

    @functools.wraps(handler)
    def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, *args, **kwargs)
        _check(key)
        try:
            with transaction.atomic():
                record = _open(request, key)
                response = handler(view, request, *args, **kwargs)
                _close(record, view, response)
                return response
        except IntegrityError as error:
            if "replay_once_per_caller" not in str(error):
                raise
            return _replay(view, request, key)
        except OperationalError as error:
            if "lock timeout" not in str(error):
                raise
            raise Conflict("The first request with this Idempotency-Key is still running.") from error

    return _marked(wrapper)


def idempotent_outside(handler: Handler) -> Handler:
    """Like `idempotent` for a handler that talks to a vendor and so must not run inside a transaction.

    When the process dies in the middle the outcome is unknown, and the key answers 409 until it expires.
    """

    @functools.wraps(handler)
    def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, *args, **kwargs)
        _check(key)
        try:
            with transaction.atomic():
                record = _open(request, key)
        except IntegrityError:
            return _replay(view, request, key)
        kept = False
        try:
            response = handler(view, request, *args, **kwargs)
            kept = not getattr(response, "streaming", False)
        finally:
            if not kept:
                record.delete()
        if kept:
            _close(record, view, response)
        return response

    return _marked(wrapper)


def forget_old() -> int:
    """Delete kept answers that are older than a day; returns how many went."""
    return Replay.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


def _marked(handler: Handler) -> Handler:
    """Let the schema see that a handler honours the header."""
    handler.honours_key = True  # type: ignore[attr-defined]
    return handler


def _check(key: str) -> None:
    if not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
        raise InvalidInput({"Idempotency-Key": ["1 to 255 printable ASCII characters."]})


def _fingerprint(request: Request) -> str:
    body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + body).hexdigest()


def _open(request: Request, key: str) -> Replay:
    caller: Any = request.user
    Replay.objects.filter(caller=caller, key=key, created_at__lt=timezone.now() - KEPT).delete()
    return Replay.objects.create(caller=caller, key=key, fingerprint=_fingerprint(request))


def _close(record: Replay, view: Any, response: Response) -> None:
    record.status = response.status_code
    record.data = orjson.loads(dumps(response.data))
    if view.shown_once:
        record.data |= dict.fromkeys(view.shown_once)
    record.meta = orjson.loads(dumps(view.meta))
    record.save(update_fields=["status", "data", "meta"])


def _replay(view: Any, request: Request, key: str) -> Response:
    record = Replay.objects.filter(caller_id=request.user.pk, key=key).first()
    if record is None or not record.status:
        raise Conflict("The first request with this Idempotency-Key is still running.")
    if record.fingerprint != _fingerprint(request):
        raise Conflict("This Idempotency-Key was used for another request.")
    view.meta = record.meta
    return Response(record.data, status=record.status, headers={"Idempotent-Replayed": "true"})
