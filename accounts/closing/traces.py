"""Traces outside the rows of a person: what vendors told about them, and what Redis remembers for a while."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, Value, When
from django.utils import timezone

from accounts.models import ClosedIdentity
from kapture.core.errors import Unavailable
from kapture.inbox.models import WebhookEvent
from kapture.jobs.errors import JobStopped
from kapture.jobs.lifecycle import ending
from kapture.jobs.models import ACTIVE, Job
from kapture.jobs.models import State as JobState

State = WebhookEvent.State
WINDOW = 1_000
# Clocks differ, and a vendor may tell of somebody a moment before the row here is made.
MARGIN = timedelta(days=1)
NAMES_CLOSED = """
    SELECT event.id FROM inbox_webhookevent AS event
    WHERE event.id = ANY(%(ids)s) AND EXISTS (
        SELECT 1 FROM jsonb_path_query(event.payload, 'strict $.** ? (@.type() == "string")') AS found(text)
        JOIN accounts_closedidentity AS closed
          ON closed.provider = event.provider
         AND closed.digest = encode(sha256(convert_to(found.text #>> '{}', 'UTF8')), 'hex')
    )
"""

NAMES_ONE = """
    SELECT event.id FROM inbox_webhookevent AS event
    WHERE event.id = ANY(%(ids)s) AND event.provider = %(provider)s AND jsonb_path_exists(
        event.payload, 'strict $.** ? (@ == $ident)', jsonb_build_object('ident', %(ident)s::text))
"""


def digest(ident: str) -> str:
    """What is kept of a vendor's id: enough to know it again, and no more."""
    return hashlib.sha256(ident.encode()).hexdigest()


def remember(provider: str, ident: str) -> None:
    """Keep the fingerprint of a vendor's id, in the caller's transaction, so that late news are known for such."""
    ClosedIdentity.objects.bulk_create([ClosedIdentity(provider=provider, digest=digest(ident))], ignore_conflicts=True)


def forget_events(user: Any) -> None:
    """Empty the events that name a person, of all the time they were here."""
    forget_events_since(user.date_joined - MARGIN)


def forget_events_since(since: datetime) -> int:
    """Empty the events since then that name anybody whose account was closed; answers how many.

    The fingerprints of closed identities are compared with every text of an event, so that this also works for news
    that come when nothing else is known of the person any more. One that still waits is not applied.
    """
    emptied = 0
    for ids in _windows(since):
        with connection.cursor() as cursor:
            cursor.execute(NAMES_CLOSED, {"ids": ids})
            found = [row[0] for row in cursor.fetchall()]
        for pk in found:
            _empty(pk)
        emptied += len(found)
    return emptied


def events_naming(provider: str, ident: str, user: Any) -> Iterator[dict[str, Any]]:
    """What a vendor told about a person who has that id there, oldest first."""
    for ids in _windows(user.date_joined - MARGIN):
        with connection.cursor() as cursor:
            cursor.execute(NAMES_ONE, {"ids": ids, "provider": provider, "ident": ident})
            found = [row[0] for row in cursor.fetchall()]
        for event in WebhookEvent.objects.filter(pk__in=found).order_by("pk"):
            yield {"id": event.event_id, "createdAt": event.created_at, "kind": event.kind, "payload": event.payload}


def _windows(since: datetime) -> Iterator[list[UUID]]:
    """Ids of events in pieces that one statement can look through; ids are sorted by time."""
    last = UUID(int=max(0, int(since.timestamp() * 1000)) << 80)
    while True:
        later = WebhookEvent.objects.filter(pk__gt=last).order_by("pk")
        ids = list(later.values_list("pk", flat=True)[:WINDOW])
        if not ids:
            return
        yield ids
        last = ids[-1]


def _empty(pk: UUID) -> None:
    with transaction.atomic():
        # The job before the event, as the job itself locks them.
        for job in Job.objects.filter(subject_id=pk).active():
            with suppress(JobStopped), ending(job, JobState.CANCELLED, Job.objects.filter(state__in=ACTIVE)):
                pass
        event = WebhookEvent.objects.filter(pk=pk)
        kept = {"type": event.values_list("kind", flat=True).get()}
        waits = When(state=State.RECEIVED, then=Value(State.IGNORED))
        event.update(payload=kept, state=Case(waits, default="state"), updated_at=timezone.now())


def forget_memory(user: Any) -> None:
    """Delete the keys in Redis that carry a person's id or the fingerprint of their address."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=10, socket_connect_timeout=3)
    names = (str(user.pk), digest(user.email.lower()))
    try:
        for name in names:
            found = client.scan_iter(match=f"{_plain(settings.REDIS_PREFIX)}:*{name}*", count=WINDOW)
            while keys := list(islice(found, WINDOW)):
                client.delete(*keys)
    except redis.RedisError as error:
        raise Unavailable("Redis does not answer.", retry_after=30) from error
    finally:
        client.close()


def _plain(text: str) -> str:
    """A text that means itself in a pattern of Redis."""
    return "".join(f"\\{char}" if char in "*?[]^\\" else char for char in text)
