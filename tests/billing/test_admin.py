"""Staff change plans and look at the ledger; nobody writes it by hand."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import issue_key
from billing.models import Plan, Reservation, Subscription, UsagePeriod
from billing.services import apply_plan, choose_plan, reserve
from kapture.audit.models import AuditEvent
from kapture.core.choices import UsageKind
from kapture.core.ids import new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def hold(alice: User) -> Reservation:
    return reserve(alice, UsageKind.SCRAPE, 2, source_id=new_id())[0]


def test_every_list_and_every_row_opens(office: Client, alice: User, hold: Reservation) -> None:
    key = issue_key(alice, "key").key
    plan = Plan.objects.get(slug="free")
    Subscription.objects.create(user=alice, plan=plan)
    for path, pk in [
        ("billing/plan", plan.pk),
        ("billing/subscription", Subscription.objects.get().pk),
        ("billing/usageperiod", hold.period_id),
        ("billing/reservation", hold.pk),
        ("accounts/user", alice.pk),
        ("accounts/apikey", key.pk),
    ]:
        assert office.get(f"/admin/{path}/").status_code == 200
        assert office.get(f"/admin/{path}/?q=alice").status_code == 200
        assert office.get(f"/admin/{path}/{pk}/change/").status_code == 200


def test_a_plan_chosen_by_staff_holds_at_once_and_is_on_record(office: Client, alice: User, hold: Reservation) -> None:
    creator = Plan.objects.get(slug="creator")
    assert office.post("/admin/billing/subscription/add/", {"user": alice.pk, "granted_plan": creator.pk}).status_code == 302
    assert UsagePeriod.objects.get(pk=hold.period_id).limit == creator.scrapes
    assert AuditEvent.objects.filter(action="billing.plan_chosen").count() == 1


def test_a_changed_plan_reaches_the_running_month(office: Client, alice: User, hold: Reservation) -> None:
    free = Plan.objects.get(slug="free")
    form = {
        "name": "Free",
        "slug": "free",
        "description": "",
        "price_cents": 0,
        "scrapes": 33,
        "downloads": 20,
        "ai_generations": 20,
        "is_default": "on",
        "is_public": "on",
        "position": 0,
        "requests_per_minute": 120,
        "storage_bytes": 1 << 30,
        "flags": "[]",
    }
    assert office.post(f"/admin/billing/plan/{free.pk}/change/", form).status_code == 302
    assert UsagePeriod.objects.get(pk=hold.period_id).limit == 33


def test_a_changed_plan_reaches_those_who_chose_it_and_nobody_else(alice: User, bob: User) -> None:
    creator = Plan.objects.get(slug="creator")
    choose_plan(alice, creator, alice)
    mine, his = (reserve(user, UsageKind.SCRAPE, 1, source_id=new_id())[0].period_id for user in (alice, bob))
    creator.scrapes = 777
    apply_plan(creator)
    limits = dict(UsagePeriod.objects.values_list("pk", "limit"))
    assert limits[mine] == 777
    assert limits[his] == Plan.objects.get(is_default=True).scrapes


@pytest.mark.parametrize("path", ["billing/usageperiod", "billing/reservation"])
def test_the_ledger_cannot_be_written(office: Client, hold: Reservation, path: str) -> None:
    pk = hold.pk if path.endswith("reservation") else hold.period_id
    assert office.get(f"/admin/{path}/add/").status_code == 403
    assert office.post(f"/admin/{path}/{pk}/change/", {"used": 0, "state": "released"}).status_code == 403
    assert office.post(f"/admin/{path}/{pk}/delete/", {"post": "yes"}).status_code == 403


def test_people_are_suspended_not_deleted(office: Client, alice: User) -> None:
    assert office.post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=alice.pk).exists()


def test_no_secret_is_in_admin(office: Client, alice: User) -> None:
    issued = issue_key(alice, "key")
    page = office.get(f"/admin/accounts/apikey/{issued.key.pk}/change/").content.decode()
    assert issued.key.digest not in page
    assert issued.secret not in page


def test_the_office_is_closed_to_others(browser: Client, client: Client) -> None:
    for somebody in (browser, client):
        assert somebody.get("/admin/billing/plan/")["Location"].startswith("/admin/login/")
