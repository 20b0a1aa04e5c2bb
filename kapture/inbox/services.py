"""Receiving events at once and applying them later."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from kapture.audit.services import record
from kapture.core.errors import Conflict
from kapture.core.locks import Lock
from kapture.inbox import handlers
from kapture.inbox.models import WebhookEvent
from kapture.jobs.kinds import JobKind
from kapture.jobs.models import Job
from kapture.jobs.run import Run
from kapture.jobs.services import enqueue

State = WebhookEvent.State


def receive(provider: str, event_id: str, kind: str, payload: dict[str, Any]) -> bool:
    """Store a verified event and see to it that it is applied; False when it was stored before."""
    event = WebhookEvent(provider=provider, event_id=event_id, kind=kind, payload=payload)
    if handlers.find(provider, kind) is None:
        event.state = State.IGNORED
    with transaction.atomic():
        WebhookEvent.objects.bulk_create([event], ignore_conflicts=True)
        # The row with our own id is there only if this call stored it.
        if not WebhookEvent.objects.filter(pk=event.pk).exists():
            return False
        if event.state == State.RECEIVED:
            enqueue(None, APPLY.name, {}, title=f"{provider} {kind}", subject_id=event.pk)
    return True


def retry(event: WebhookEvent, actor: Any) -> Job:
    """Have an event applied after all whose job failed; raises `Conflict` unless it waits and nothing works on it."""
    with transaction.atomic():
        waiting = WebhookEvent.objects.select_for_update().filter(pk=event.pk, state=State.RECEIVED).first()
        if waiting is None or Job.objects.active().filter(kind=APPLY.name, subject_id=event.pk).exists():
            raise Conflict("Only an event whose job failed can be tried again.")
        record(actor, "inbox.event_retried", event, provider=event.provider, kind=event.kind)
        return enqueue(None, APPLY.name, {}, title=f"{event.provider} {event.kind}", subject_id=event.pk)


@contextmanager
def alone_with(concern: str) -> Iterator[None]:
    """Hold the one lock on a vendor's object, across transactions."""
    number = zlib.crc32(concern.encode())
    with connection.cursor() as cursor:
        # Another event of the object may be waiting for its vendor; that takes longer than a lock on a row may.
        cursor.execute("SET lock_timeout = '45s'")
        try:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [Lock.INBOX, number - 2**31])
        finally:
            cursor.execute("RESET lock_timeout")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [Lock.INBOX, number - 2**31])


def perform_apply(run: Run) -> None:
    """Apply one event; doing it again changes nothing, because the vendor's latest state is what is written."""
    assert run.job.subject_id is not None
    event = WebhookEvent.objects.get(pk=run.job.subject_id)
    handler = handlers.find(event.provider, event.kind)
    if handler is None:
        _ignore(run, event, "Nothing is done about this kind.")
        return
    with alone_with(f"{event.provider}:{handler.concerns(event)}"):
        try:
            latest = handler.fetch(event)
        except handlers.Ignored as reason:
            _ignore(run, event, str(reason))
            return
        with run.finish({}, units=0):
            handler.apply(event, latest)
            WebhookEvent.objects.filter(pk=event.pk).update(state=State.APPLIED, applied_at=Now())


def _ignore(run: Run, event: WebhookEvent, reason: str) -> None:
    with run.finish({"ignored": reason}, units=0):
        WebhookEvent.objects.filter(pk=event.pk).update(state=State.IGNORED)


APPLY = JobKind(
    name="inbox.apply",
    label="Webhook event",
    queue="default",
    perform=perform_apply,
    deadline=timedelta(hours=24),
    max_attempts=12,
)
