"""The end of an account: nothing of the person remains, nothing comes back, nobody else loses anything."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.clerk.people import is_closed
from accounts.closing import register, tending
from accounts.closing.performing import KIND, perform_close
from accounts.closing.services import STAFF, Reason, request_closing
from accounts.models import ApiKey, Closing, Notification, User
from accounts.services import issue_key
from billing.models import Customer, Invoice, Reservation, Subscription, UsagePeriod
from billing.services import reserve
from downloads.models import Download
from downloads.services import request_download
from downloads.specs import DownloadSpec
from ideaboards.models import Generation
from kapture.audit.models import AuditEvent
from kapture.core.choices import UsageKind
from kapture.core.errors import Conflict
from kapture.core.ids import new_id
from kapture.core.oracle import verify
from kapture.inbox.models import WebhookEvent
from kapture.jobs import lifecycle
from kapture.jobs.errors import JobStopped
from kapture.jobs.models import Job, State
from kapture.jobs.run import Run
from kapture.jobs.runner import run_job
from tests.accounts.clerk_events import bearer, deliver, event, events, work
from tests.accounts.planting import Planter, holding, not_planted, owned, references
from tests.billing.conftest import stripe_server, till
from tests.billing.till import Till, send, tell
from tests.gateways.identity.instance import Clerk

__all__ = ["stripe_server", "till"]
pytestmark = pytest.mark.django_db
MARK, OTHER = "⟁", "⟐"
ME = "/api/auth/user"


def perform(job: Job) -> None:
    """Do the work of a closing here and now."""
    claimed = lifecycle.claim(job.pk)
    assert claimed is not None
    perform_close(Run(claimed))


def close(user: User) -> Closing:
    """Close an account from beginning to end."""
    perform(request_closing(user, actor=user, reason=Reason.PERSON))
    closing = Closing.objects.get(user=user)
    assert (closing.step, closing.finished_at is not None) == (Closing.Step.CLOSED, True)
    return closing


def sound() -> None:
    """The oracle finds nothing."""
    assert {rule.name: ids for rule, ids in verify() if ids} == {}


def rows_of(user: User) -> dict[str, list[Any]]:
    """All rows with a reference to somebody, as they are."""
    found: dict[str, list[Any]] = {"user": list(User.objects.filter(pk=user.pk).values())}
    for model in owned():
        for field, target in references(model):
            if target is User:
                rows = model._base_manager.filter(**{field.attname: user.pk}).order_by("pk")
                found[f"{model._meta.label} {field.name}"] = list(rows.values())
    return found


def in_redis(*words: str) -> list[bytes]:
    """Keys that carry one of the words, in their name or their value."""
    client = redis.Redis.from_url(configured.REDIS_URL)
    found = []
    for key in client.scan_iter(match=f"{configured.REDIS_PREFIX}:*"):
        value = key + (client.dump(key) or b"")
        if any(word.encode() in value for word in words):
            found.append(key)
    client.close()
    return found


def in_store(*words: str) -> list[Path]:
    """Files that carry one of the words, in their path or their content."""
    files = [path for path in Path(configured.STORAGES["default"]["OPTIONS"]["location"]).rglob("*") if path.is_file()]
    return [path for path in files if any(w in str(path) or w.encode() in path.read_bytes() for w in words)]


def test_nothing_of_a_person_remains_and_nobody_else_loses_anything(
    alice: User, bob: User, staff: User, till: Till, clerk: Clerk
) -> None:
    for user, mark in ((alice, MARK), (bob, OTHER)):
        Planter(user, staff, mark).plant()
        Client().force_login(user)
        cache.set(f"overview:{user.pk}:2026", {"title": mark})
        api = Client(headers={"Authorization": f"Bearer {issue_key(user, mark).secret}"})
        assert api.get(ME).status_code == 200
    email, clerk_id, sessions = alice.email, alice.clerk_id or "", Session.objects.count()
    assert not_planted(holding(MARK)) == [], "these columns would be overlooked"
    assert in_redis(str(alice.pk))
    assert in_store(MARK)
    others = rows_of(bob), in_redis(str(bob.pk)), in_store(OTHER), holding(OTHER)

    close(alice)

    assert holding(MARK, email, clerk_id, "alice@example.com") == set()
    assert in_redis(MARK, email, str(alice.pk)) == []
    assert in_store(MARK, str(alice.pk)) == []
    assert Session.objects.count() == sessions - 1
    assert (rows_of(bob), in_redis(str(bob.pk)), in_store(OTHER), holding(OTHER)) == others
    left = {name for name, rows in rows_of(alice).items() if rows and name != "user"}
    kept = {model._meta.label for model in register.kept()}
    assert {name.partition(" ")[0] for name in left} <= kept


def test_repeated_and_late_nothing_changes(alice: User, staff: User, till: Till, clerk: Clerk) -> None:
    planter = Planter(alice, staff, MARK)
    planter.plant()
    clerk_id = alice.clerk_id or ""
    job = request_closing(alice, actor=alice, reason=Reason.PERSON)
    assert request_closing(alice, actor=staff, reason=Reason.STAFF) == job
    perform(job)
    before = rows_of(alice)
    assert request_closing(alice, actor=alice, reason=Reason.PERSON).pk == job.pk
    run_job(job.pk)
    late = [planter.event("clerk", clerk_id), planter.event("clerk", clerk_id, "received")]
    waiting = Job.objects.create(kind="inbox.apply", subject_id=late[1].pk, deadline_at=timezone.now())
    default_storage.save(f"u/{alice.pk}/late/film.mp4", ContentFile(f"film of {MARK}".encode()))
    cache.set(f"downloads:preview:{alice.pk}", MARK)

    tending.tend()
    tending.tend()

    assert holding(MARK, clerk_id) == set()
    assert in_store(MARK, str(alice.pk)) == []
    assert in_redis(MARK, str(alice.pk)) == []
    assert rows_of(alice) == before
    assert WebhookEvent.objects.get(pk=late[1].pk).state == WebhookEvent.State.IGNORED
    waiting.refresh_from_db()
    assert waiting.state == State.CANCELLED


def test_one_transaction_locks_an_account(alice: User, browser: Client, api: Client) -> None:
    browser.get("/settings/")
    job = request_closing(alice, actor=alice, reason=Reason.PERSON)
    assert browser.get("/settings/").status_code == 302
    assert api.get(ME).status_code == 401
    assert not ApiKey.objects.usable().exists()
    assert not Session.objects.exists()
    assert Client().post("/accounts/login/", {"login": alice.email, "password": "correct horse battery"}).url == (
        "/accounts/inactive/"
    )
    assert (job.owner, job.payload, str(alice.pk) in job.title) == (None, {}, False)
    assert job.subject_id == alice.closing.pk
    assert AuditEvent.objects.get(action="accounts.closing_requested").actor_id == alice.pk


def test_staff_stay_until_their_rights_are_gone(staff: User, alice: User) -> None:
    for actor in (staff, alice):
        with pytest.raises(Conflict, match="staff rights"):
            request_closing(staff, actor=actor, reason=Reason.PERSON)
    assert not Closing.objects.exists()
    assert User.objects.get(pk=staff.pk).is_active
    request_closing(staff, actor=None, reason=Reason.CLERK)
    assert not User.objects.get(pk=staff.pk).is_active


def test_work_ends_without_charge_and_late_workers_change_nothing(alice: User, settings: Settings) -> None:
    settings.JOB_HEARTBEAT = timedelta(seconds=0.1)
    downloads = [request_download(alice, DownloadSpec(url=f"https://video.example/{n}")) for n in range(2)]
    running = lifecycle.claim(downloads[1].job_id)
    assert running is not None
    written = new_id()
    reserve(alice, UsageKind.AI_GENERATION, 1, source_id=written, for_job=False)
    Generation.objects.create(pk=written, owner=alice, kind="hook")
    job = request_closing(alice, actor=alice, reason=Reason.PERSON)
    for part in register.parts(register.Stage.STOP):
        part.do(alice)
    assert set(Job.objects.filter(owner=alice).values_list("state", flat=True)) == {State.CANCELLED}
    assert set(Download.objects.values_list("state", flat=True)) == {"cancelled"}
    assert set(Reservation.objects.values_list("state", "settled")) == {("released", 0)}
    late = Run(running)
    with pytest.raises(JobStopped), late.finish({}, units=1):
        raise AssertionError("a late worker wrote")
    with pytest.raises(JobStopped):
        late.report(0.5)
    perform(job)
    sound()
    assert set(UsagePeriod.objects.filter(user=alice).values_list("used", "held")) == {(0, 0)}
    assert Reservation.objects.count() == 3


def test_who_asked_for_it_gets_one_last_mail(alice: User, bob: User, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            request_closing(alice, actor=alice, reason=Reason.PERSON)
        request_closing(bob, actor=None, reason=Reason.CLERK)
    (message,) = [sent for sent in mail.outbox if "being deleted" in sent.subject]
    assert message.to == ["alice@example.com"]


def test_a_mail_server_that_is_away_holds_no_closing_up(
    alice: User, settings: Settings, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with django_capture_on_commit_callbacks(execute=True):
        request_closing(alice, actor=alice, reason=Reason.PERSON)
    assert Closing.objects.filter(user=alice).exists()


def test_a_subscription_ends_and_stripes_last_words_are_forgotten(alice: User, till: Till) -> None:
    till.buy(alice)
    tell(till)
    assert "You pay for Creator" in register.warnings(alice)[0]
    customer = Customer.objects.get(user=alice).stripe_id or ""
    issued = Invoice.objects.get(user=alice)
    assert issued.pdf_url
    sold = till.subscription(alice)["id"]

    close(alice)

    assert register.warnings(alice) == []
    with till.store.lock:
        assert till.store.find("subscription", sold)["status"] == "canceled"
    assert not Subscription.objects.exists()
    assert not Customer.objects.exists()
    kept = Invoice.objects.get(user=alice)
    assert (kept.number, kept.paid, kept.issued_at) == (issued.number, issued.paid, issued.issued_at)
    assert (kept.page_url, kept.pdf_url) == ("", "")
    before = rows_of(alice)
    for told in till.told():
        for _ in range(2):
            assert send(told).status_code == 200
    work()
    tending.tend()
    assert rows_of(alice) == before
    assert not WebhookEvent.objects.filter(payload__icontains=customer).exists()
    assert holding(customer, "alice@example.com") == set()
    sound()


def test_a_vendor_who_is_away_is_waited_for(alice: User, till: Till, settings: Settings) -> None:
    till.buy(alice)
    tell(till)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    job = request_closing(alice, actor=alice, reason=Reason.PERSON)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.run_after > timezone.now()) == (State.QUEUED, True)
    assert Closing.objects.get().step == Closing.Step.STOPPED
    assert tending.resume() == 0
    Job.objects.filter(pk=job.pk).update(attempt=job.max_attempts - 1, run_after=timezone.now())
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == State.FAILED

    settings.STRIPE_API_BASE = till.url
    settings.REDIS_PREFIX = f"test-{new_id().hex}"
    assert tending.resume() == 1
    assert tending.resume() == 0
    again = Job.objects.get(kind=KIND, state=State.QUEUED)
    assert request_closing(alice, actor=alice, reason=Reason.PERSON) == again
    perform(again)
    assert Closing.objects.get().step == Closing.Step.CLOSED
    assert not Customer.objects.exists()
    sound()


def test_who_came_from_clerk_is_deleted_there_and_stays_away(clerk: Clerk) -> None:
    ana = clerk.user("ana@example.com", "Ana")
    token = clerk.token(ana["id"])
    assert bearer(token).get(ME).status_code == 200
    user = User.objects.get()

    close(user)

    assert ana["id"] not in {person["id"] for person in clerk.people()}
    assert is_closed(ana["id"])
    for told in events(clerk):
        assert deliver(told).status_code == 200
    assert deliver(event("user.updated", {**ana, "first_name": "Anna"}, "msg_late")).status_code == 200
    work()
    tending.tend()
    assert bearer(token).get(ME).status_code == 401
    assert User.objects.get().email == f"closed-{user.pk}@closed.invalid"
    assert holding("ana@example.com", ana["id"], "Anna") == set()
    sound()


def test_whom_clerk_deleted_is_closed_here(clerk: Clerk) -> None:
    ana = clerk.user("ana@example.com", "Ana")
    assert bearer(clerk.token(ana["id"])).get(ME).status_code == 200
    clerk.delete(ana["id"])
    for told in events(clerk, "user.deleted"):
        assert deliver(told).status_code == 200
    work()
    assert Closing.objects.get().step == Closing.Step.CLOSED
    assert Closing.objects.get().reason == "clerk"
    assert holding("ana@example.com", ana["id"]) == set()
    sound()


def test_the_same_address_may_begin_anew(alice: User) -> None:
    close(alice)
    again = User.objects.create_user("alice@example.com", "correct horse battery")
    assert again.pk != alice.pk
    sound()


def test_the_oracle_sees_what_should_be_gone(alice: User) -> None:
    close(alice)
    sound()
    Notification.objects.create(owner=alice, kind="a", title="b")
    ApiKey.objects.create(owner=alice, name="a", prefix="b", digest="c")
    session = Client()
    session.force_login(alice)
    Closing.objects.filter(user=alice).update(finished_at=None, created_at=timezone.now() - timedelta(hours=2))
    broken = {rule.name for rule, ids in verify() if ids}
    assert broken == {
        "I18 a closed account owns nothing",
        "I18 a closing account lets nobody in",
        "I18 a closing account does nothing",
        "I18 a closing ends",
    }


def test_a_program_must_mean_it(alice: User, api: Client) -> None:
    for body in ({}, {"confirm": "bob@example.com"}, {"confirm": ""}, {"confirm": "alice@example.com", "x": 1}):
        answer = api.delete(ME, body, "application/json")
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    reader = issue_key(alice, "reader", scope=ApiKey.Scope.READ).secret
    assert bearer(reader).delete(ME, {"confirm": alice.email}, "application/json").status_code == 403
    rehearsal = issue_key(alice, "rehearsal", is_dry_run=True).secret
    answer = bearer(rehearsal).delete(ME, {"confirm": alice.email}, "application/json")
    assert (answer.status_code, answer.json()["meta"]["dryRun"]) == (200, True)
    assert not Closing.objects.exists()

    answer = api.delete(ME, {"confirm": " Alice@Example.com"}, "application/json")
    assert answer.status_code == 202
    told = answer.json()["data"]
    assert (told["kind"], told["state"], told["subjectId"]) == (KIND, "queued", str(Closing.objects.get().pk))
    assert api.delete(ME, {"confirm": alice.email}, "application/json").status_code == 401


def test_a_session_may_end_its_account_through_the_api(browser: Client, alice: User) -> None:
    browser.get("/settings/")
    answer = browser.delete(ME, {"confirm": alice.email}, "application/json")
    assert answer.status_code == 202
    assert browser.get("/settings/").status_code == 302
    assert not Session.objects.exists()


def test_the_page_tells_what_will_happen_and_asks_for_the_password(browser: Client, alice: User) -> None:
    request_download(alice, DownloadSpec(url="https://video.example/1"))
    page = browser.get("/settings/data/").content.decode()
    assert "1 running job is cancelled" in page
    wrong = browser.post("/settings/data/close/", {"password": "wrong"})
    assert wrong.status_code == 422
    assert b'id="id_password_error"' in wrong.content
    assert not Closing.objects.exists()
    goodbye = browser.post("/settings/data/close/", {"password": "correct horse battery"}, follow=True)
    assert goodbye.redirect_chain == [("/goodbye/", 302)]
    assert "Your account is closed" in goodbye.content.decode()
    assert "sessionid" not in browser.cookies or not browser.cookies["sessionid"].value
    assert Closing.objects.get().reason == "person"


def test_who_has_no_password_types_the_address(alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    browser = Client()
    browser.force_login(alice)
    assert b'name="address"' in browser.get("/settings/data/").content
    assert browser.post("/settings/data/close/", {"address": "alice"}).status_code == 422
    assert browser.post("/settings/data/close/", {"address": "alice@example.com"}).status_code == 302
    assert Closing.objects.exists()


def test_staff_read_why_they_cannot_leave(staff: User) -> None:
    browser = Client()
    browser.force_login(staff)
    page = browser.get("/settings/data/").content.decode()
    assert STAFF.partition(".")[0] in page
    assert 'action="/settings/data/close/"' not in page
    assert browser.post("/settings/data/close/", {"password": "correct horse battery"}).status_code == 422
    assert not Closing.objects.exists()
