"""Staff change plans and help people; the ledger and Stripe's copies are looked at, and all of it is on record."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import Notification, User
from accounts.services import issue_key
from billing.models import Checkout, Customer, Invoice, Plan, Reservation, Subscription, TopUpPack, UsagePeriod
from billing.queries import plan_of, usage_of
from billing.services import apply_plan, choose_plan, reserve
from kapture.audit.models import AuditEvent
from kapture.core.choices import UsageKind
from kapture.core.ids import new_id
from kapture.inbox.models import WebhookEvent
from kapture.inbox.services import APPLY
from kapture.jobs.models import Job, State
from kapture.jobs.services import enqueue
from tests.billing.counting import queries_of

pytestmark = pytest.mark.django_db
WHY = "They wrote to us about it"
SUBSCRIPTIONS = "/admin/billing/subscription"


@pytest.fixture
def office(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def hold(alice: User) -> Reservation:
    return reserve(alice, UsageKind.SCRAPE, 2, source_id=new_id())[0]


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


def rows_of(user: User, count: int) -> dict[str, Any]:
    """`count` rows of everything billing lists in admin; the last of each by its path."""
    last: dict[str, Any] = {}
    for index in range(count):
        person = User.objects.create_user(f"{new_id()}@example.com")
        last["billing/subscription"] = Subscription.objects.create(user=person, stripe_id=f"sub_{new_id()}")
        last["billing/customer"] = Customer.objects.create(user=person, stripe_id=f"cus_{new_id()}")
        last["billing/checkout"] = Checkout.objects.create(user=user, plan=Plan.objects.get(slug="creator"))
        last["billing/topuppack"] = TopUpPack.objects.create(
            name=f"{new_id()}", kind="scrape", units=1, price_cents=1, position=index
        )
        last["billing/invoice"] = Invoice.objects.create(
            user=user, stripe_id=f"in_{new_id()}", currency="usd", due=1, paid=1, issued_at=timezone.now()
        )
        hold = reserve(person, UsageKind.SCRAPE, 1, source_id=new_id())[0]
        last["billing/reservation"], last["billing/usageperiod"] = hold, hold.period
        last["inbox/webhookevent"] = WebhookEvent.objects.create(
            provider="stripe", event_id=f"evt_{new_id()}", kind="invoice.paid", payload={}
        )
        last["billing/plan"] = Plan.objects.create(
            name=f"{new_id()}", slug=f"{new_id()}", scrapes=1, downloads=1, ai_generations=1
        )
    return last


def test_every_list_and_every_row_opens_and_more_rows_cost_no_more(office: Client, alice: User) -> None:
    last = rows_of(alice, 3)
    last |= {"accounts/user": alice, "accounts/apikey": issue_key(alice, "key").key}
    counted = {}
    for path, row in last.items():
        assert office.get(f"/admin/{path}/?q=alice").status_code == 200, path
        assert office.get(f"/admin/{path}/{row.pk}/change/").status_code == 200, path
        if not path.startswith("accounts"):
            counted[path] = queries_of(office, f"/admin/{path}/", {"all": ""})
    rows_of(alice, 27)
    for path, few in counted.items():
        assert queries_of(office, f"/admin/{path}/", {"all": ""}) == few, path
    hold = last["billing/reservation"]
    receipts = office.get("/admin/billing/reservation/", {"period__id__exact": hold.period_id})
    assert receipts.status_code == 200
    assert receipts.context["cl"].result_count == 1


def send(office: Client, name: str, somebody: User, **values: Any) -> Any:
    form = {"person": somebody.email, "reason": WHY, **values}
    return office.post(f"{SUBSCRIPTIONS}/{name}/", form)


def test_a_granted_plan_holds_at_once_and_until_it_is_taken_back(
    office: Client, staff: User, alice: User, hold: Reservation
) -> None:
    creator = Plan.objects.get(slug="creator")
    page = office.get(f"{SUBSCRIPTIONS}/grant-plan/", {"user": alice.pk})
    assert alice.email in page.content.decode()
    row = send(office, "grant-plan", alice, plan=creator.pk)
    assert row.status_code == 302
    assert plan_of(alice) == creator
    assert UsagePeriod.objects.get(pk=hold.period_id).limit == creator.scrapes
    (event,) = events("billing.plan_chosen")
    assert (event.actor, event.data) == (staff, {"plan": "creator", "reason": WHY})
    assert Notification.objects.get(owner=alice, kind="billing.plan_granted").body == WHY

    assert office.get(f"{row['Location']}").status_code == 200
    assert send(office, "take-back", alice).status_code == 302
    assert plan_of(alice).slug == "free"
    assert UsagePeriod.objects.get(pk=hold.period_id).limit == 20
    assert len(events("billing.plan_chosen")) == 2
    again = send(office, "take-back", alice)
    assert "No plan was granted" in office.get(again["Location"]).content.decode()
    assert len(events("billing.plan_chosen")) == 2


def test_granted_units_are_given_once_however_often_the_form_is_sent(office: Client, staff: User, alice: User) -> None:
    form = {"kind": "scrape", "units": 30, "decision": str(new_id())}
    said = [send(office, "grant-units", alice, **form) for _ in range(2)]
    assert [answer.status_code for answer in said] == [302, 302]
    assert usage_of(alice, UsageKind.SCRAPE, timezone.now()).remaining == 50
    (event,) = events("billing.topped_up")
    assert (event.actor, event.data["units"], event.data["source"], event.data["reason"]) == (staff, 30, "grant", WHY)
    body = Notification.objects.get(owner=alice, kind="billing.topped_up").body
    assert body.startswith(f"{WHY.rstrip('.')}. They stay until")
    assert send(office, "grant-units", alice, **(form | {"decision": str(new_id())})).status_code == 302
    assert usage_of(alice, UsageKind.SCRAPE, timezone.now()).remaining == 80


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("grant-units", {"kind": "scrape", "units": 0}),
        ("grant-units", {"kind": "scrape", "units": 10**7}),
        ("grant-units", {"kind": "x", "units": 1}),
        ("grant-units", {"kind": "scrape", "units": 1, "reason": "short"}),
        ("grant-units", {"kind": "scrape", "units": 1, "person": "nobody@example.com"}),
        ("grant-units", {"kind": "scrape", "units": 1, "decision": "x"}),
        ("grant-plan", {"plan": "x"}),
        ("grant-plan", {"reason": "short"}),
        ("take-back", {"reason": ""}),
    ],
)
def test_a_wrong_form_does_nothing(office: Client, alice: User, name: str, values: dict[str, Any]) -> None:
    plan = {"plan": Plan.objects.get(slug="creator").pk} if name == "grant-plan" else {}
    form = {"decision": str(new_id()), **plan, **values}
    assert send(office, name, alice, **form).status_code == 422
    assert not AuditEvent.objects.exists()
    assert not UsagePeriod.objects.exists()
    assert not Subscription.objects.exists()


def plan_form(plan: Plan, **changes: Any) -> dict[str, Any]:
    names = (
        "name", "slug", "description", "price_cents", "stripe_price_id", "scrapes", "downloads", "ai_generations",
        "concurrent_downloads", "requests_per_minute", "position",
    )  # fmt: skip
    form = {name: getattr(plan, name) for name in names}
    form |= {"storage": plan.storage_bytes / (1 << 30), "retention_days": plan.retention_days or "", "flags": ""}
    return form | ({"is_public": "on"} if plan.is_public else {}) | changes


def test_a_changed_plan_reaches_the_running_month_and_is_on_record(
    office: Client, staff: User, alice: User, hold: Reservation
) -> None:
    free = Plan.objects.get(slug="free")
    form = plan_form(free, scrapes=33, storage="2.5", flags="Early_Access\n\nbeta-search\nearly_access")
    assert office.post(f"/admin/billing/plan/{free.pk}/change/", form).status_code == 302
    assert UsagePeriod.objects.get(pk=hold.period_id).limit == 33
    free.refresh_from_db()
    assert (free.storage_bytes, free.flags, free.is_default) == (5 << 29, ["early_access", "beta-search"], True)
    (event,) = events("billing.plan_saved")
    assert event.actor == staff
    assert event.data == {"scrapes": 33, "storage": "2.5", "flags": ["early_access", "beta-search"]}


def test_features_are_plain_names(office: Client) -> None:
    creator = Plan.objects.get(slug="creator")
    for flags in ("<b>", "two words", "1st", "a" * 41, "\n".join(f"f{index}" for index in range(31))):
        answer = office.post(f"/admin/billing/plan/{creator.pk}/change/", plan_form(creator, flags=flags))
        assert answer.status_code == 200
    creator.refresh_from_db()
    assert creator.flags == []
    assert not AuditEvent.objects.exists()


def test_a_new_plan_is_made_and_none_is_deleted(office: Client) -> None:
    form = plan_form(Plan(name="Team", slug="team", scrapes=1, downloads=2, ai_generations=3))
    assert office.post("/admin/billing/plan/add/", form).status_code == 302
    made = Plan.objects.get(slug="team")
    assert (made.is_default, made.storage_bytes) == (False, 10 << 30)
    assert office.post(f"/admin/billing/plan/{made.pk}/delete/", {"post": "yes"}).status_code == 403
    assert len(events("billing.plan_saved")) == 1


def test_there_is_exactly_one_default_plan(office: Client, alice: User, hold: Reservation) -> None:
    creator, free = Plan.objects.get(slug="creator"), Plan.objects.get(slug="free")
    office.post(f"/admin/billing/plan/{free.pk}/change/", plan_form(free) | {"is_default": ""})
    assert Plan.objects.get(is_default=True) == free
    path = f"/admin/billing/plan/{creator.pk}/make-default/"
    assert office.get(path).status_code == 200
    assert Plan.objects.get(is_default=True) == free
    for _ in range(2):
        assert office.post(path).status_code == 302
    assert Plan.objects.get(is_default=True) == creator
    assert UsagePeriod.objects.get(pk=hold.period_id).limit == creator.scrapes
    (event,) = events("billing.default_plan_chosen")
    assert event.data == {"plan": "creator", "before": "free"}
    chosen = {"action": "make_default", "_selected_action": [str(free.pk)]}
    office.post("/admin/billing/plan/", chosen)
    office.post("/admin/billing/plan/", {**chosen, "_selected_action": [str(free.pk), str(creator.pk)]})
    assert Plan.objects.get(is_default=True) == free
    assert len(events("billing.default_plan_chosen")) == 2


def test_a_pack_is_changed_on_record_and_never_deleted(office: Client) -> None:
    pack = TopUpPack.objects.get(kind="scrape")
    form = {"name": "60 scrapes", "kind": "scrape", "units": 60, "price_cents": 500, "position": 0}
    for path in (f"topuppack/{pack.pk}/change/", "plan/add/"):
        page = office.get(f"/admin/billing/{path}").content.decode()
        assert page.count("Stripe charges what its own price says; keep the two alike.") == 2
    assert office.post(f"/admin/billing/topuppack/{pack.pk}/change/", form).status_code == 302
    pack.refresh_from_db()
    assert pack.units == 60
    assert len(events("billing.topuppack_changed")) == 1
    assert office.post(f"/admin/billing/topuppack/{pack.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_changed_plan_reaches_those_who_chose_it_and_nobody_else(alice: User, bob: User) -> None:
    creator = Plan.objects.get(slug="creator")
    choose_plan(alice, creator, alice)
    mine, his = (reserve(user, UsageKind.SCRAPE, 1, source_id=new_id())[0].period_id for user in (alice, bob))
    creator.scrapes = 777
    apply_plan(creator)
    limits = dict(UsagePeriod.objects.values_list("pk", "limit"))
    assert limits[mine] == 777
    assert limits[his] == Plan.objects.get(is_default=True).scrapes


@pytest.mark.parametrize("model", ["subscription", "customer"])
def test_a_copy_is_read_again_from_stripe(office: Client, alice: User, bob: User, model: str) -> None:
    for person in (alice, bob):
        customer = Customer.objects.create(user=person, stripe_id=f"cus_{person.pk}")
        Subscription.objects.create(user=person, stripe_id=f"sub_{person.pk}")
    row = Subscription.objects.get(user=alice) if model == "subscription" else Customer.objects.get(user=alice)
    for _ in range(2):
        assert office.post(f"/admin/billing/{model}/{row.pk}/read/").status_code == 302
    assert Job.objects.filter(kind="billing.sync").count() == 1
    assert len(events("billing.sync_asked")) == 1
    path = f"/admin/billing/{model}/"
    both = [str(pk) for pk in type(row).objects.values_list("pk", flat=True)]
    assert office.post(path, {"action": "read_chosen", "_selected_action": both}).status_code == 302
    assert set(Job.objects.filter(kind="billing.sync").values_list("subject_id", flat=True)) == {
        customer.pk, Customer.objects.get(user=alice).pk,
    }  # fmt: skip
    assert len(events("billing.sync_asked")) == 2


@pytest.mark.parametrize(
    "model", ["usageperiod", "reservation", "subscription", "customer", "checkout", "invoice", "webhookevent"]
)
def test_what_services_write_cannot_be_written(office: Client, alice: User, model: str) -> None:
    path = f"{'inbox' if model == 'webhookevent' else 'billing'}/{model}"
    row = rows_of(alice, 1)[path]
    before = list(type(row).objects.order_by("pk").values())
    assert office.get(f"/admin/{path}/add/").status_code == 403
    values = {"used": 0, "state": "released", "granted_plan": "", "status": "active", "due": 0}
    assert office.post(f"/admin/{path}/{row.pk}/change/", values).status_code == 403
    assert office.post(f"/admin/{path}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
    office.post(f"/admin/{path}/", chosen)
    assert list(type(row).objects.order_by("pk").values()) == before


def stored(state: str = "received") -> WebhookEvent:
    return WebhookEvent.objects.create(
        provider="stripe", event_id=f"evt_{new_id()}", kind="invoice.paid", payload={}, state=state,
        applied_at=timezone.now() if state == "applied" else None,
    )  # fmt: skip


def worked_on(event: WebhookEvent, state: State) -> Job:
    job = enqueue(None, APPLY.name, {}, subject_id=event.pk)
    Job.objects.filter(pk=job.pk).update(state=state, error_message="Stripe cannot be reached.")
    return job


def test_an_event_whose_job_failed_is_applied_again_once(office: Client, staff: User) -> None:
    stuck, moving, applied = stored(), stored(), stored("applied")
    worked_on(stuck, State.FAILED)
    worked_on(moving, State.RUNNING)
    shown = office.get("/admin/inbox/webhookevent/", {"job": "failed"})
    assert [row.pk for row in shown.context["cl"].result_list] == [stuck.pk]
    assert "Stripe cannot be reached." in shown.content.decode()

    assert office.get(f"/admin/inbox/webhookevent/{stuck.pk}/retry/").status_code == 200
    assert not Job.objects.filter(state="queued").exists()
    for event in (stuck, moving, applied, stuck):
        assert office.post(f"/admin/inbox/webhookevent/{event.pk}/retry/").status_code == 302
    assert list(Job.objects.filter(state="queued").values_list("subject_id", flat=True)) == [stuck.pk]
    assert office.get("/admin/inbox/webhookevent/00000000-0000-7000-8000-000000000000/retry/").status_code == 404
    (event,) = events("inbox.event_retried")
    assert (event.actor, event.subject_id) == (staff, str(stuck.pk))
    Job.objects.filter(state="queued").update(state=State.FAILED)
    chosen = {"action": "retry_events", "_selected_action": [str(row.pk) for row in (stuck, moving, applied)]}
    assert office.post("/admin/inbox/webhookevent/", chosen).status_code == 302
    assert Job.objects.filter(state="queued").count() == 1
    assert office.post("/admin/inbox/webhookevent/", chosen).status_code == 302
    assert len(events("inbox.event_retried")) == 2


def test_people_are_suspended_not_deleted(office: Client, alice: User) -> None:
    assert office.post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=alice.pk).exists()


def test_no_secret_is_in_admin(office: Client, alice: User) -> None:
    issued = issue_key(alice, "key")
    page = office.get(f"/admin/accounts/apikey/{issued.key.pk}/change/").content.decode()
    assert issued.key.digest not in page
    assert issued.secret not in page
    row = Checkout.objects.create(
        user=alice, plan=Plan.objects.get(slug="creator"), url="https://checkout.stripe.com/c/s"
    )
    assert row.url not in office.get(f"/admin/billing/checkout/{row.pk}/change/").content.decode()


def test_the_office_is_closed_to_others(browser: Client, client: Client) -> None:
    for somebody in (browser, client):
        for path in ("/admin/billing/plan/", f"{SUBSCRIPTIONS}/grant-units/"):
            assert somebody.get(path)["Location"].startswith("/admin/login/")


def test_who_may_only_look_may_not_grant(alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    looking = Permission.objects.filter(codename__startswith="view_", content_type__app_label__in=["billing", "inbox"])
    bob.user_permissions.set(looking)
    client = Client()
    client.force_login(bob)
    row, event = Subscription.objects.create(user=alice, stripe_id="sub_1"), stored()
    worked_on(event, State.FAILED)
    assert client.get(f"{SUBSCRIPTIONS}/{row.pk}/change/").status_code == 200
    asks: list[Callable[[], Any]] = [
        lambda: send(client, "grant-plan", alice, plan=Plan.objects.get(slug="creator").pk),
        lambda: send(client, "grant-units", alice, kind="scrape", units=5, decision=str(new_id())),
        lambda: send(client, "take-back", alice),
        lambda: client.post(f"{SUBSCRIPTIONS}/{row.pk}/read/"),
        lambda: client.post(f"/admin/inbox/webhookevent/{event.pk}/retry/"),
        lambda: client.post(f"/admin/billing/plan/{Plan.objects.get(slug='creator').pk}/make-default/"),
    ]
    assert [ask().status_code for ask in asks] == [403] * len(asks)
    client.post("/admin/inbox/webhookevent/", {"action": "retry_events", "_selected_action": [str(event.pk)]})
    client.post(
        "/admin/billing/plan/",
        {"action": "make_default", "_selected_action": [str(Plan.objects.get(slug="studio").pk)]},
    )
    assert not AuditEvent.objects.exists()
    assert not Job.objects.filter(state="queued").exists()
