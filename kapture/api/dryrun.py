"""Dry-run keys: an unsafe request is authenticated, checked and priced as any other, and then taken back."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import transaction
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from kapture.core.context import acting_key
from kapture.core.dryrun import DryRun, WouldCall, dry_run


class _TakenBack(transaction.Atomic):
    """A transaction that never commits, in which blocks that insist on committing may believe they do."""

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)
        # Django's own mark of the transaction around a test: `durable` blocks are allowed inside.
        self._from_testcase = True

    def __enter__(self) -> None:
        super().__enter__()

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        if kind is None:
            transaction.set_rollback(True)
        super().__exit__(kind, value, traceback)


def is_rehearsed(request: Request) -> bool:
    """Whether a request, whose caller is known by now, may have no effect."""
    key = acting_key.get()
    return key is not None and key.is_dry_run and request.method not in SAFE_METHODS


def rehearse(view: Any, handler: Callable[..., Response]) -> Callable[..., Response]:
    """The handler, whose effects are taken back; a refusal stays a refusal, any other answer becomes the dry run's."""

    def wrapper(request: Request, *args: Any, **kwargs: Any) -> Response:
        current = DryRun()
        token = dry_run.set(current)
        try:
            with _TakenBack(), suppress(WouldCall):
                handler(request, *args, **kwargs)
        finally:
            dry_run.reset(token)
        view.meta = {"dryRun": True}
        if current.units:
            view.meta["usage"] = {**current.standing, "requested": current.units}
        return Response(None)

    return wrapper
