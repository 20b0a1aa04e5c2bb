"""Alerts are told: on the page, by e-mail, and at an address of the owner's own."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.exporting.register import parts
from accounts.models import Notification, User
from kapture.core.errors import Conflict, NotFound
from kapture.jobs.models import Job, State
from kapture.jobs.runner import run_job
from kapture.jobs.services import retry
from tests.trends.watches.conftest import NOON, look, spec
from tests.trends.watches.receiver import Receiver, receiving
from trends.listeners import tell_ended
from trends.models import Rule, Scrape, Watch, WatchRun
from trends.watches.delivering import ATTEMPTS, MOST_UNDER_WAY, replay
from trends.watches.services import change_watch, delete_watch
from trends.watches.specs import WEBHOOK_KIND
from trends.watches.telling import ALERT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """Alice's own address."""
    with receiving() as made:
        settings.EGRESS_ALLOW = frozenset({made.pair})
        yield made


@pytest.fixture
def posting(alice: User, watch: Watch, receiver: Receiver) -> Watch:
    """A watch that posts its alerts there."""
    change_watch(alice, watch.pk, spec(webhook_url=receiver.url))
    Rule.objects.update(updated_at=NOON - timedelta(days=400))
    watch.refresh_from_db()
    return watch


def ended(run: WatchRun, state: State = State.COMPLETED, **fields: str) -> WatchRun:
    """A run whose only search has come to its end."""
    scrape = Scrape.objects.get(watch_run=run)
    Job.objects.filter(pk=scrape.job_id).update(state=state, finished_at=timezone.now(), **fields)
    tell(scrape)
    run.refresh_from_db()
    return run


def tell(scrape: Scrape) -> None:
    """What the transaction that ends a search does."""
    with transaction.atomic():
        tell_ended(Scrape.objects.get(pk=scrape.pk))


def message() -> Job:
    return Job.objects.get(kind=WEBHOOK_KIND)


def again(job: Job) -> Job:
    """The job after its next attempt, whose time has come."""
    Job.objects.filter(pk=job.pk).update(run_after=timezone.now() - timedelta(seconds=1))
    run_job(job.pk)
    job.refresh_from_db()
    return job


def test_a_run_that_raised_alerts_tells_its_owner_once(watch: Watch) -> None:
    Watch.objects.update(mails=True)
    run = ended(look(watch, NOON, {"flash": 1_200, "riser": 5_000, "quiet": 10}))
    assert (run.state, run.note, run.finished_at is not None) == (WatchRun.State.DONE, "", True)
    told = Notification.objects.get(kind=ALERT)
    assert (told.title, told.path, told.wants_mail) == ("2 alerts from Lamps", f"/trends/watches/{watch.pk}/", True)
    assert told.body.splitlines() == [
        "Lamps of riser: Views 5,000 (at least 1,000)",
        "Lamps of flash: Views 1,200 (at least 1,000)",
    ]
    tell(Scrape.objects.get(watch_run=run))
    assert Notification.objects.filter(kind=ALERT).count() == 1


def test_a_run_without_alerts_says_nothing(watch: Watch) -> None:
    ended(look(watch, NOON, {"quiet": 10}))
    assert not Notification.objects.exists()


def test_a_run_that_failed_says_why(watch: Watch) -> None:
    run = ended(look(watch, NOON, {}), State.FAILED, error_message="The platform said no.")
    assert (run.state, run.note) == (WatchRun.State.FAILED, "YouTube: The platform said no.")


def test_a_message_is_signed_and_says_what_was_raised(posting: Watch, receiver: Receiver) -> None:
    run = ended(look(posting, NOON, {"flash": 1_200}))
    run_job(message().pk)
    job = message()
    assert (job.state, job.result) == (State.COMPLETED, {"status": 200})
    assert receiver.is_genuine(posting.webhook_secret)
    told = receiver.body()
    (alert,) = told["data"].pop("alerts")
    assert told["type"] == "watch.alerts"
    assert told["data"] == {
        "watch": {"id": str(posting.pk), "name": "Lamps"},
        "run": {"id": str(run.pk), "slot": NOON.isoformat()},
        "more": 0,
    }  # fmt: skip
    assert (alert["rule"], alert["reach"]) == ({"metric": "reach", "atLeast": 1_000.0}, 1_200)
    assert alert["trend"]["title"] == "Lamps of flash"


def test_a_message_that_is_refused_is_sent_again_under_the_same_id(posting: Watch, receiver: Receiver) -> None:
    receiver.statuses = [500, 503, 200]
    ended(look(posting, NOON, {"flash": 1_200}))
    job = again(again(again(message())))
    assert (job.state, job.attempt) == (State.COMPLETED, 3)
    assert len({headers["webhook-id"] for headers, _, _ in receiver.messages}) == 1
    assert len({body for _, body, _ in receiver.messages}) == 1


def test_it_is_given_up_after_five_attempts_and_can_be_repeated(
    posting: Watch, receiver: Receiver, browser: Client, alice: User
) -> None:
    receiver.statuses = [500]
    ended(look(posting, NOON, {"flash": 1_200}))
    job = message()
    for _ in range(ATTEMPTS):
        again(job)
    job.refresh_from_db()
    assert (job.state, job.error_code, len(receiver.messages)) == (State.FAILED, "answered_500", ATTEMPTS)
    page = browser.get(f"/trends/watches/{posting.pk}/").content.decode()
    assert "refused the message (500). Tried 5 times." in page
    assert posting.webhook_secret in page
    receiver.statuses = [200]
    browser.post(f"/trends/watches/{posting.pk}/messages/{job.pk}/send/")
    repeated = Job.objects.filter(kind=WEBHOOK_KIND).latest("created_at")
    assert again(repeated).state == State.COMPLETED
    assert len({headers["webhook-id"] for headers, _, _ in receiver.messages}) == 1
    assert again(retry(job, alice)).state == State.COMPLETED


def test_what_can_not_be_repeated(posting: Watch, alice: User, bob: User) -> None:
    ended(look(posting, NOON, {"flash": 1_200}))
    with pytest.raises(Conflict, match="under way"):
        replay(alice, posting.pk, message().pk)
    with pytest.raises(NotFound):
        replay(bob, posting.pk, message().pk)
    with pytest.raises(NotFound):
        replay(alice, posting.pk, posting.pk)
    Job.objects.update(state=State.FAILED)
    Watch.objects.update(webhook_url="")
    with pytest.raises(Conflict, match="no address"):
        replay(alice, posting.pk, message().pk)


def test_a_message_is_under_way_once_however_it_is_asked_for(posting: Watch, alice: User, browser: Client) -> None:
    ended(look(posting, NOON, {"flash": 1_200}))
    job = message()
    Job.objects.update(state=State.FAILED)
    job.refresh_from_db()
    replay(alice, posting.pk, job.pk)
    with pytest.raises(Conflict, match="under way"):
        replay(alice, posting.pk, job.pk)
    with pytest.raises(Conflict, match="under way"):
        retry(job, alice)
    sent = browser.post(f"/trends/watches/{posting.pk}/messages/{job.pk}/send/", headers={"HX-Request": "true"})
    assert (sent.status_code, "This message is under way." in sent.content.decode()) == (409, True)
    assert Job.objects.filter(kind=WEBHOOK_KIND).count() == 2
    # Another message of the watch is not held up by it.
    other = Job.objects.create(
        owner=alice,
        kind=WEBHOOK_KIND,
        subject_id=posting.pk,
        state=State.FAILED,
        payload={**job.payload, "id": "msg_other"},
        deadline_at=timezone.now(),
    )
    assert replay(alice, posting.pk, other.pk).payload["id"] == "msg_other"


def test_many_clicks_at_once_send_a_message_once(posting: Watch, alice: User) -> None:
    ended(look(posting, NOON, {"flash": 1_200}))
    Job.objects.update(state=State.FAILED)
    job, start = message(), Barrier(6)
    answers: list[str] = []

    def click() -> None:
        start.wait()
        try:
            replay(alice, posting.pk, job.pk)
            answers.append("sent")
        except Conflict:
            answers.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["refused"] * 5 + ["sent"]


def test_no_more_than_twenty_messages_of_one_person_are_sent_again(posting: Watch, alice: User) -> None:
    later = timezone.now() + timedelta(minutes=5)
    failed, *under_way = Job.objects.bulk_create(
        Job(
            owner=alice,
            kind=WEBHOOK_KIND,
            subject_id=posting.pk,
            state=State.QUEUED if number else State.FAILED,
            payload={"id": f"msg_{number}", "body": {}},
            deadline_at=later,
        )
        for number in range(MOST_UNDER_WAY + 1)
    )
    with pytest.raises(Conflict, match="20 messages are under way"):
        replay(alice, posting.pk, failed.pk)
    # What a run raises is told all the same.
    ended(look(posting, NOON, {"flash": 1_200}))
    assert Job.objects.filter(kind=WEBHOOK_KIND).count() == MOST_UNDER_WAY + 2
    Job.objects.filter(pk__in=[job.pk for job in under_way[:2]]).update(state=State.COMPLETED)
    assert replay(alice, posting.pk, failed.pk).payload["id"] == "msg_0"


def test_a_message_that_cannot_be_sent_does_not_wait_for_long(posting: Watch) -> None:
    ended(look(posting, NOON, {"flash": 1_200}))
    job = message()
    assert job.deadline_at - job.created_at <= timedelta(minutes=16)


def test_the_secret_and_the_path_stay_with_their_owner(posting: Watch, alice: User, staff: User) -> None:
    """They are neither in the export, which people pass on, nor where staff look."""
    (row,) = next(part for part in parts() if part.name == "watches").rows(alice)
    assert row["webhookUrl"] == posting.webhook_url
    assert "webhookSecret" not in row
    assert posting.webhook_secret not in str(row)
    User.objects.filter(pk=staff.pk).update(is_superuser=True)
    inside = Client()
    inside.force_login(staff)
    page = inside.get(f"/admin/trends/watch/{posting.pk}/change/").content.decode()
    assert "127.0.0.1" in page
    assert "/alerts?to=me" not in page
    assert posting.webhook_secret not in page


def test_a_watch_that_is_gone_or_whose_address_became_private_posts_nothing(
    posting: Watch, receiver: Receiver, alice: User, settings: Settings
) -> None:
    ended(look(posting, NOON, {"flash": 1_200}))
    settings.EGRESS_ALLOW = frozenset()
    run_job(message().pk)
    assert message().error_code == "bad_address"
    fresh = replay(alice, posting.pk, message().pk)
    delete_watch(alice, posting.pk)
    assert again(fresh).error_code == "no_target"
    assert receiver.messages == []
