"""A form that is sent twice has one effect: the pages' counterpart of the API's `Idempotency-Key`."""

import functools
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from kapture.core.errors import Conflict
from kapture.web.htmx import go
from kapture.web.models import SentForm
from kapture.web.redirects import back

FIELD = "once"
KEPT = timedelta(hours=24)
View = Callable[..., HttpResponse]


def once(view: View) -> View:
    """Run a view at most once for each form that `{% once %}` marked; sent again, it leads where the first led.

    Effect and memory commit together, and a second request waits for the first. A form is known by its one-time id and
    everything else in it, so that another wish from a page that the browser kept is another form. Refusals are not
    remembered, so that the same may succeed later. The view must not talk to a vendor: it runs in a transaction.
    """

    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if FIELD not in request.POST:
            return view(request, *args, **kwargs)
        key = _key(request)
        try:
            with transaction.atomic():
                sent = _remember(request, key)
                response = view(request, *args, **kwargs)
                _close(request, sent, response)
                return response
        except IntegrityError as error:
            if "form_sent_once" not in str(error):
                raise
        return go(request, SentForm.objects.get(sender_id=request.user.pk, key=key).goal)

    return wrapper


def forget_old() -> int:
    """Delete what was remembered for longer than a day; returns how many forms went."""
    return SentForm.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


def _key(request: HttpRequest) -> str:
    fields = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    return hashlib.sha256(json.dumps([request.path, fields]).encode()).hexdigest()


def _remember(request: HttpRequest, key: str) -> SentForm:
    sender: Any = request.user
    try:
        return SentForm.objects.create(sender=sender, key=key)
    except OperationalError as error:
        if "lock timeout" not in str(error):
            raise
        raise Conflict("This form was sent a moment ago and is still being worked on.") from error


def _close(request: HttpRequest, sent: SentForm, response: HttpResponse) -> None:
    if response.status_code >= 400:
        sent.delete()
        return
    sent.goal = response.get("Location") or response.get("HX-Redirect") or back(request)
    sent.save(update_fields=["goal"])
