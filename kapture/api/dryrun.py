"""Dry-run keys: an unsafe request is authenticated, checked and priced as any other, and then taken back."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from kapture.core.context import acting_key
from kapture.core.dryrun import DryRun, TakenBack, WouldCall, dry_run


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
            with TakenBack(), suppress(WouldCall):
                handler(request, *args, **kwargs)
        finally:
            dry_run.reset(token)
        view.meta = {"dryRun": True}
        if current.units:
            view.meta["usage"] = {**current.standing, "requested": current.units}
        return Response(None)

    return wrapper
