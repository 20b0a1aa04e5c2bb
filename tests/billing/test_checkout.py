"""Going to pay: one customer, one visit, never a second subscription, and nobody led off the site."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as live
from django.db.models.functions import Now
from pytest_django import Settings

from accounts.models import User
from billing.demo import put_on_sale
from billing.models import Checkout, Customer, Plan, Subscription, TopUpPack
from billing.services import portal, start
from billing.services.checkout import _claim, find, local_path
from kapture.core.errors import Conflict, InvalidInput, NotFound, Unavailable, VendorFailed
from tests.billing.crowd import Crowd
from tests.billing.till import Till, tell

pytestmark = pytest.mark.django_db


def creator() -> Plan:
    return Plan.objects.get(slug="creator")


def pack() -> TopUpPack:
    return TopUpPack.objects.get(name="50 scrapes")


def asked(till: Till, route: str) -> int:
    return len(till.requests(route))


def test_a_visit_leads_to_the_payment_page_and_back_here(till: Till, alice: User) -> None:
    row = start(alice, plan=creator(), back_to="/trends/?q=hooks")
    session = till.store.find("checkout.session", row.stripe_id or "") or {}
    assert row.url.startswith(till.url)
    assert (row.state, row.back_to, row.plan, row.pack) == ("open", "/trends/?q=hooks", creator(), None)
    assert session["success_url"] == f"{live.SITE_URL}/usage/checkout/{row.pk}/"
    assert session["cancel_url"] == f"{live.SITE_URL}/usage/checkout/{row.pk}/?left=1"
    assert session["client_reference_id"] == str(alice.pk)
    assert session["customer"] == Customer.objects.get(user=alice).stripe_id
    assert session["metadata"] == {"checkout": str(row.pk), "user_id": str(alice.pk)}


def test_clicking_again_leads_to_the_same_visit(till: Till, alice: User) -> None:
    first = start(alice, plan=creator())
    assert start(alice, plan=creator()) == first
    assert asked(till, "POST /v1/checkout/sessions") == 1
    assert start(alice, pack=pack()) != first
    Checkout.objects.update(created_at=Now() - timedelta(minutes=31))
    again = start(alice, plan=creator())
    first.refresh_from_db()
    assert again != first
    assert first.state == "expired"


def test_of_two_plans_only_the_last_page_can_be_paid(till: Till, alice: User) -> None:
    first = start(alice, plan=creator())
    second = start(alice, plan=Plan.objects.get(slug="studio"))
    first.refresh_from_db()
    assert (first.state, second.state) == ("expired", "open")
    assert first.stripe_id is not None
    assert till.go(first.stripe_id, "pay")["status"] == "expired"


def test_two_plans_asked_for_at_once_never_have_two_pages(till: Till, alice: User) -> None:
    other = Checkout.objects.create(user=alice, plan=Plan.objects.get(slug="studio"))
    with pytest.raises(Conflict):
        start(alice, plan=creator())
    Checkout.objects.filter(pk=other.pk).update(created_at=Now() - timedelta(minutes=1))
    assert start(alice, plan=creator()).url
    other.refresh_from_db()
    assert other.state == "failed"


def test_what_is_not_for_sale_is_refused(till: Till, alice: User) -> None:
    free, hidden = Plan.objects.get(slug="free"), creator()
    Plan.objects.filter(pk=hidden.pk).update(is_public=False)
    hidden.refresh_from_db()
    dull = TopUpPack.objects.create(name="Dull", kind="scrape", units=5, price_cents=1)
    wrong: list[dict[str, Any]] = [
        {"plan": free},
        {"plan": hidden},
        {"pack": dull},
        {},
        {"plan": hidden, "pack": pack()},
    ]
    for wanted in wrong:
        with pytest.raises(InvalidInput):
            start(alice, **wanted)
    assert not Checkout.objects.exists()
    assert not Customer.objects.exists()


def test_while_stripe_is_off_the_setting_is_named(till: Till, alice: User, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    for ask in (lambda: start(alice, plan=creator()), lambda: portal(alice)):
        with pytest.raises(Unavailable, match="STRIPE_SECRET_KEY"):
            ask()


def test_who_has_a_subscription_changes_it_in_the_portal(till: Till, alice: User) -> None:
    till.buy(alice)
    tell(till)
    with pytest.raises(Conflict, match="portal"):
        start(alice, plan=Plan.objects.get(slug="studio"))
    assert start(alice, pack=pack()).url
    assert portal(alice).startswith(till.url)


def test_a_subscription_nobody_told_us_of_is_found_before_a_second_is_sold(till: Till, alice: User) -> None:
    till.buy(alice)
    Checkout.objects.update(created_at=Now() - timedelta(hours=1))
    with pytest.raises(Conflict):
        start(alice, plan=creator())
    assert Subscription.objects.get(user=alice).status == "active"
    assert Checkout.objects.get().state == "paid"


def test_after_the_end_one_may_buy_again(till: Till, alice: User) -> None:
    till.buy(alice)
    till.act(till.subscription(alice)["id"], "end")
    tell(till)
    assert start(alice, plan=creator()).url


def test_a_network_that_fails_is_tried_again_with_the_same_key(till: Till, alice: User) -> None:
    till.fault("drop", "POST /v1/checkout/sessions", times=9)
    with pytest.raises(VendorFailed) as lost:
        start(alice, plan=creator())
    assert (lost.value.reason, lost.value.retryable) == ("unreachable", True)
    waiting = Checkout.objects.get()
    assert (waiting.state, waiting.url) == ("open", "")
    till.clear_faults()
    assert start(alice, plan=creator()).pk == waiting.pk
    keys = {entry["headers"]["idempotency-key"] for entry in till.requests("POST /v1/checkout/sessions")}
    assert keys == {f"kapture:checkout:{waiting.pk}"}


def test_a_fault_that_stripe_keeps_is_answered_by_a_new_row(till: Till, alice: User) -> None:
    till.fault("status", "POST /v1/checkout/sessions", times=9, status=500)
    with pytest.raises(VendorFailed):
        start(alice, plan=creator())
    assert Checkout.objects.get().state == "failed"
    till.clear_faults()
    assert start(alice, plan=creator()).state == "open"
    assert list(Checkout.objects.order_by("created_at").values_list("state", flat=True)) == ["failed", "open"]


def test_a_customer_whose_making_failed_is_made_again(till: Till, alice: User) -> None:
    till.fault("status", "POST /v1/customers", times=9, status=500)
    with pytest.raises(VendorFailed):
        start(alice, plan=creator())
    assert not Customer.objects.exists()
    till.clear_faults()
    till.fault("drop", "POST /v1/customers", times=9)
    with pytest.raises(VendorFailed):
        start(alice, plan=creator())
    row = Customer.objects.get()
    till.clear_faults()
    start(alice, plan=creator())
    assert Customer.objects.get().pk == row.pk


def test_a_customer_of_another_account_is_made_anew_unless_they_have_a_subscription(till: Till, alice: User) -> None:
    start(alice, plan=creator())
    before = Customer.objects.get(user=alice).stripe_id
    Checkout.objects.all().delete()
    till.reset()
    assert start(alice, plan=creator()).url
    after = Customer.objects.get(user=alice).stripe_id
    assert after != before
    Checkout.objects.all().delete()
    till.reset()
    Subscription.objects.create(user=alice, stripe_id="sub_old", status="active", plan=creator())
    with pytest.raises(VendorFailed) as missing:
        start(alice, pack=pack())
    assert missing.value.reason == "not_found"
    assert Customer.objects.get(user=alice).stripe_id == after


def test_a_price_stripe_does_not_know_costs_nobody_their_customer(till: Till, alice: User) -> None:
    start(alice, plan=creator())
    before = Customer.objects.get(user=alice)
    TopUpPack.objects.filter(kind="scrape").update(stripe_price_id="price_gone")
    with pytest.raises(VendorFailed) as missing:
        start(alice, pack=pack())
    assert missing.value.reason == "not_found"
    assert Customer.objects.get(user=alice) == before


def test_a_customer_stays_while_nobody_knows_whether_they_are_there(till: Till, alice: User) -> None:
    start(alice, plan=creator())
    before = Customer.objects.get(user=alice)
    TopUpPack.objects.filter(kind="scrape").update(stripe_price_id="price_gone")
    till.fault("status", "POST /v1/billing_portal/sessions", status=429)
    with pytest.raises(VendorFailed) as missing:
        start(alice, pack=pack())
    assert missing.value.reason == "not_found"
    assert Customer.objects.get(user=alice) == before


def test_a_visit_of_another_account_is_no_obstacle(till: Till, alice: User) -> None:
    start(alice, plan=creator())
    Checkout.objects.update(stripe_id="cs_elsewhere")
    assert start(alice, plan=Plan.objects.get(slug="studio")).url
    assert Checkout.objects.get(stripe_id="cs_elsewhere").state == "expired"


def test_a_stripe_that_fails_while_pages_are_closed_sells_nothing(till: Till, alice: User) -> None:
    start(alice, plan=creator())
    till.fault("status", "POST /v1/checkout/sessions/*/expire", status=429)
    with pytest.raises(VendorFailed):
        start(alice, plan=Plan.objects.get(slug="studio"))
    assert Checkout.objects.count() == 1


def test_who_left_meanwhile_goes_nowhere(till: Till, alice: User) -> None:
    start(alice, plan=creator())
    gone = Customer.objects.get(user=alice)
    Customer.objects.filter(pk=gone.pk).delete()
    with pytest.raises(Conflict, match="deleted"):
        _claim(gone, None, pack(), "")
    assert Checkout.objects.count() == 1


def test_who_never_bought_has_no_portal(till: Till, alice: User) -> None:
    with pytest.raises(Conflict, match="Choose a plan"):
        portal(alice)


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1", "", "/" * 400]
)
def test_nobody_is_led_elsewhere(till: Till, alice: User, address: str) -> None:
    row = start(alice, pack=pack(), back_to=address)
    assert row.back_to == ""
    portal(alice, address)
    (back,) = parse_qs(till.requests("POST /v1/billing_portal/sessions")[-1]["body"])["return_url"]
    assert urlsplit(back).netloc == urlsplit(live.SITE_URL).netloc
    assert local_path(address, "/usage/") == "/usage/"


def test_a_visit_is_found_by_its_owner_alone(till: Till, alice: User, bob: User) -> None:
    row = start(alice, pack=pack())
    assert find(alice, row.pk) == row
    with pytest.raises(NotFound):
        find(bob, row.pk)


def test_the_stand_ins_prices_are_given_only_where_there_are_none(till: Till, settings: Settings) -> None:
    Plan.objects.filter(slug="creator").update(stripe_price_id="price_ours")
    Plan.objects.filter(slug="studio").update(stripe_price_id="")
    TopUpPack.objects.update(stripe_price_id="")
    settings.SANDBOX = frozenset({"apify"})
    put_on_sale()
    assert not TopUpPack.objects.exclude(stripe_price_id="").exists()
    settings.SANDBOX = frozenset({"stripe"})
    for _ in range(2):
        put_on_sale()
    prices = dict(Plan.objects.values_list("slug", "stripe_price_id"))
    assert prices == {"free": "", "creator": "price_ours", "studio": "price_studio_monthly"}
    assert set(TopUpPack.objects.values_list("stripe_price_id", flat=True)) == {
        "price_topup_scrape_50",
        "price_topup_download_100",
        "price_topup_ai_100",
    }


@pytest.mark.django_db(transaction=True)
def test_however_many_tabs_there_is_one_customer_and_one_visit_for_each_thing(till: Till, alice: User) -> None:
    with Crowd(6) as crowd:
        plans = set(crowd.do([lambda: start(alice, plan=creator()).url] * 6))
        packs = set(crowd.do([lambda: start(alice, pack=pack()).url] * 6))
    assert len(plans) == len(packs) == 1
    assert Customer.objects.count() == 1
    assert Checkout.objects.count() == 2
    with till.store.lock:
        assert len(till.store.oldest("customer")) == 1
        assert len(till.store.oldest("checkout.session")) == 2
