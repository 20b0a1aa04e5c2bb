"""Posting alerts to a watch's own address: a job, so that it is tried again, logged and can be repeated."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from kapture.audit.services import record
from kapture.core.crash import crashpoint
from kapture.core.errors import Conflict, InvalidInput, NotFound, VendorFailed
from kapture.gateways.webhooks import Message, post
from kapture.jobs.errors import JobFailed
from kapture.jobs.models import Job
from kapture.jobs.run import Run
from trends.models import Watch
from trends.watches.specs import WEBHOOK_KIND
from trends.watches.telling import send

# Together with the waits between them (5 s, 20 s, 80 s, 320 s) they fit well into the deadline, which is short so that
# messages to an address that does not answer make no queue.
ATTEMPTS: Final = 5
DEADLINE: Final = timedelta(minutes=15)
# How many messages of one person may be under way before more are sent again by hand.
MOST_UNDER_WAY: Final = 20
REMEDY: Final = "See to it that the address answers with a status of 200 to 299, then send it again."


def perform_post(run: Run) -> None:
    """Post one message; a repetition carries the same id and body, so that its receiver can tell."""
    assert run.job.subject_id is not None
    watch = Watch.objects.filter(pk=run.job.subject_id).first()
    if watch is None or not watch.webhook_url:
        raise JobFailed("no_target", "The watch has no address to post to any more.")
    payload = run.payload
    text = Message(payload["id"], orjson.dumps(payload["body"]), timezone.now())
    run.report(None, "Posting")
    try:
        status = post(watch.webhook_url, watch.webhook_secret, text)
    except VendorFailed as error:
        raise JobFailed(error.reason, error.message, remedy=REMEDY, retryable=error.retryable) from error
    except InvalidInput as error:
        raise JobFailed(
            "bad_address", "; ".join(error.details["url"]), remedy="Give the watch another address."
        ) from error
    crashpoint("trends.watch_posted")
    with run.finish({"status": status}, units=0):
        pass


def replay(user: Any, pk: UUID, job_id: UUID) -> Job:
    """Post a message of a watch once more, under its own id.

    Raises `NotFound` for one that is not the watch's, and `Conflict` while it or twenty others are under way.
    """
    with transaction.atomic():
        watch = Watch.objects.fetch(user, pk)
        job = Job.objects.for_user(user).filter(pk=job_id, kind=WEBHOOK_KIND, subject_id=watch.pk).first()
        if job is None:
            raise NotFound
        return _again(user, watch, job)


def retry_post(user: Any, job: Job) -> Job:
    """Post a message that failed once more; raises `Conflict` while it or twenty others are under way."""
    assert job.subject_id is not None
    with transaction.atomic():
        return _again(user, Watch.objects.fetch(user, job.subject_id), job)


def _again(user: Any, watch: Watch, job: Job) -> Job:
    if not watch.webhook_url:
        raise Conflict("This watch has no address to post to any more.")
    # Whoever sends a message again waits for others who do, so that it is under way once; runs are not held up.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    active = Job.objects.for_user(user).active().filter(kind=WEBHOOK_KIND)
    if active.filter(subject_id=watch.pk, payload__id=job.payload["id"]).exists():
        raise Conflict("This message is under way.")
    if active.count() >= MOST_UNDER_WAY:
        raise Conflict(f"{MOST_UNDER_WAY} messages are under way. Wait until some have ended.")
    record(user, "trends.watch_replayed", watch)
    return send(watch, job.payload)
