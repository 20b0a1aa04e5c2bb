"""The pages on which people choose, pay, come back and look up what they paid."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing.fitting import full_months, replay
from billing.invoices import money, safe_link
from billing.leaving import paid_plan
from billing.membership import Next, membership
from billing.models import Checkout, Customer, Invoice, Plan, Reservation, Subscription, TopUpPack, UsagePeriod
from billing.models import SubscriptionStatus as Status
from billing.queries import month
from billing.services import choose_plan
from kapture.core.choices import UsageKind
from kapture.core.ids import new_id
from kapture.jobs.models import Job
from kapture.objects.models import StoredObject
from tests.billing.counting import queries_of
from tests.billing.till import Till, tell, work

pytestmark = pytest.mark.django_db
PLANS, INVOICES, CHECKOUT = "/usage/plans/", "/usage/invoices/", "/usage/checkout/"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def creator() -> Plan:
    return Plan.objects.get(slug="creator")


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:500]
    return " ".join(response.content.decode().split())


def charged(user: User, at: datetime, units: int, kind: UsageKind = UsageKind.SCRAPE) -> None:
    """Units of work that was begun at a time and charged."""
    start, end = month(at)
    period, _ = UsagePeriod.objects.get_or_create(
        user=user, kind=kind, starts_at=start, ends_at=end, defaults={"limit": 10_000}
    )
    row = Reservation.objects.create(
        period=period, source_id=new_id(), amount=units, settled=units, state="settled", level_after=1, limit_at_grant=1
    )
    Reservation.objects.filter(pk=row.pk).update(created_at=at)


def test_from_a_plan_to_the_payment_page_and_back(till: Till, browser: Client, alice: User) -> None:
    assert "Choose Creator" in text(browser.get(PLANS))
    answer = browser.post(CHECKOUT, {"plan": creator().pk, "next": "/trends/scrape/"})
    row = Checkout.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, row.url)
    assert row.url.startswith(till.url)

    here = f"{CHECKOUT}{row.pk}/"
    waiting = text(browser.get(here))
    assert "Waiting for the payment" in waiting
    assert f'<noscript><meta http-equiv="refresh" content="3;url={here}?look=1"></noscript>' in waiting
    assert row.stripe_id is not None
    till.go(row.stripe_id)
    tell(till)
    done = text(browser.get(here))
    assert "You are on Creator" in done
    assert 'href="/trends/scrape/"' in done
    shown = text(browser.get(PLANS))
    assert "Active" in shown
    assert "Renews on" in shown
    assert "Choose Studio" not in shown
    assert "Change in billing" in shown
    answer = browser.post("/usage/portal/", {"next": PLANS})
    assert (answer.status_code, answer["Location"].startswith(till.url)) == (303, True)
    assert "19.00 USD" in text(browser.get(INVOICES))


def test_a_top_up_is_bought_beside_any_plan(till: Till, browser: Client, alice: User) -> None:
    choose_plan(alice, creator(), alice)
    pack = TopUpPack.objects.get(kind="scrape")
    assert browser.post(CHECKOUT, {"pack": pack.pk}).status_code == 303
    row = Checkout.objects.get()
    assert row.stripe_id is not None
    till.go(row.stripe_id)
    tell(till)
    assert "You have 550 scrapes left." in text(browser.get(f"{CHECKOUT}{row.pk}/"))
    usage = text(browser.get("/usage/"))
    listed = text(browser.get(INVOICES))
    assert "Paid top-ups, table" in listed
    assert pack.name in listed
    assert "50 of 50 left" in usage
    assert "Bought" in usage


def test_the_return_page_asks_stripe_itself_when_no_webhook_comes(till: Till, browser: Client, alice: User) -> None:
    browser.post(CHECKOUT, {"plan": creator().pk})
    row = Checkout.objects.get()
    assert row.stripe_id is not None
    till.go(row.stripe_id)
    here = f"{CHECKOUT}{row.pk}/"
    first = browser.get(here, {"look": "1"}, headers={"HX-Request": "true"})
    assert f'hx-get="{here}?look=2"' in first.content.decode()
    assert "<html" not in first.content.decode()
    assert not Job.objects.filter(kind="billing.sync").exists()
    Customer.objects.update(synced_at=None)
    browser.get(here, {"look": "3"}, headers={"HX-Request": "true"})
    work()
    assert browser.get(here, {"look": "4"}, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert "You are on Creator" in text(browser.get(here))


def test_the_return_page_stops_looking_one_day(browser: Client, alice: User) -> None:
    row = Checkout.objects.create(user=alice, plan=creator(), url="https://checkout.stripe.com/x")
    shown = text(browser.get(f"{CHECKOUT}{row.pk}/", {"look": "100000"}))
    assert "hx-get" not in shown.partition('id="look"')[2].partition(">")[0]
    assert "It takes longer than usual." in shown
    for look in ("-1", "x", "９", "9" * 9):
        assert browser.get(f"{CHECKOUT}{row.pk}/", {"look": look}).status_code == 200


@pytest.mark.parametrize(
    ("state", "query", "words"),
    [
        ("open", "?left=1", "Nothing was paid"),
        ("expired", "", "The payment page has expired"),
        ("failed", "", "The payment did not come"),
    ],
)
def test_who_did_not_pay_is_led_on(browser: Client, alice: User, state: str, query: str, words: str) -> None:
    row = Checkout.objects.create(
        user=alice, plan=creator(), state=state, url="https://checkout.stripe.com/x", back_to="/trends/"
    )
    shown = text(browser.get(f"{CHECKOUT}{row.pk}/{query}"))
    assert words in shown
    assert 'href="/trends/"' in shown
    assert ("Go on paying" if state == "open" else "Try again") in shown


def test_who_leaves_goes_where_the_program_wanted(browser: Client, alice: User) -> None:
    row = Checkout.objects.create(user=alice, plan=creator(), cancel_to="/library/")
    assert browser.get(f"{CHECKOUT}{row.pk}/?left=1")["Location"] == "/library/"


def test_who_comes_back_from_the_billing_page_sees_what_changed_there(till: Till, browser: Client, alice: User) -> None:
    till.buy(alice)
    tell(till)
    till.act(till.subscription(alice)["id"], "cancel")
    Customer.objects.update(synced_at=None)
    for path in ("/usage/", PLANS):
        assert f'hx-get="{path}?managed=2"' in text(browser.get(path, {"managed": "1"}))
        assert f'hx-get="{path}?managed' not in text(browser.get(path, {"managed": "6"}))
        assert f'hx-get="{path}?managed' not in text(browser.get(path, {"managed": "x"}))
    work()
    assert "Ends on" in text(browser.get(PLANS, {"managed": "2"}))


def test_a_visit_is_shown_to_its_owner_alone(stranger: Client, alice: User) -> None:
    row = Checkout.objects.create(user=alice, plan=creator(), url="https://checkout.stripe.com/x")
    assert stranger.get(f"{CHECKOUT}{row.pk}/").status_code == 404


@pytest.mark.parametrize("data", [{}, {"plan": "x"}, {"pack": "00000000-0000-7000-8000-000000000000"}])
def test_a_form_that_names_nothing_on_offer_is_refused(browser: Client, data: dict[str, str]) -> None:
    assert browser.post(CHECKOUT, data).status_code == 400


def test_a_plan_that_would_have_no_effect_is_not_sold(till: Till, browser: Client, alice: User) -> None:
    choose_plan(alice, creator(), alice)
    shown = text(browser.get(PLANS))
    assert "Granted by staff" in shown
    assert "Choose Studio" not in shown
    assert browser.post(CHECKOUT, {"plan": Plan.objects.get(slug="studio").pk}).status_code == 409
    assert not Checkout.objects.exists()


def test_while_stripe_is_off_nothing_can_be_bought(browser: Client, alice: User) -> None:
    shown = text(browser.get(PLANS))
    assert "Plans are changed by staff here." in shown
    assert CHECKOUT not in shown
    assert browser.post(CHECKOUT, {"plan": creator().pk}).status_code == 503
    assert browser.post("/usage/portal/").status_code == 503


@pytest.mark.parametrize(
    ("fields", "badge", "action"),
    [
        ({"status": Status.TRIALING, "trial_ends_at": NOW}, "Trial", Next.MANAGE),
        ({"status": Status.ACTIVE, "period_end": NOW}, "Active", Next.MANAGE),
        ({"status": Status.ACTIVE, "ends_at": NOW}, "Ends on 21 November 2026", Next.MANAGE),
        ({"status": Status.ACTIVE, "is_collection_paused": True}, "Payments paused", Next.MANAGE),
        ({"status": Status.PAST_DUE}, "Payment overdue", Next.MANAGE),
        ({"status": Status.INCOMPLETE}, "Payment not finished", Next.MANAGE),
        ({"status": Status.UNPAID}, "Unpaid", Next.MANAGE),
        ({"status": Status.PAUSED}, "Paused", Next.MANAGE),
        ({"status": Status.CANCELED, "ends_at": NOW}, "Ended", Next.CHOOSE),
        ({"status": Status.INCOMPLETE_EXPIRED}, "Not paid", Next.CHOOSE),
        ({"status": Status.ACTIVE, "plan": None}, "Needs a look", Next.MANAGE),
        ({"status": Status.ACTIVE, "granted": True}, "Granted by staff", Next.MANAGE),
        ({"status": Status.CANCELED, "granted": True}, "Granted by staff", Next.NOTHING),
    ],
)
def test_every_state_is_told_with_the_next_thing_to_do(
    browser: Client, alice: User, settings: Settings, fields: dict[str, Any], badge: str, action: Next
) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_x"
    Customer.objects.create(user=alice, stripe_id="cus_1")
    values = {"plan": creator(), "stripe_id": "sub_1", **fields}
    if values.pop("granted", False):
        values["granted_plan"] = Plan.objects.get(slug="studio")
    Subscription.objects.create(user=alice, **values)
    line = membership(alice).line
    assert (line.badge, line.action) == (badge, action)
    for path in (PLANS, "/usage/"):
        shown = text(browser.get(path))
        assert badge in shown
        assert ("/usage/portal/" in shown) is (action == Next.MANAGE or path == PLANS)
    settings.STRIPE_SECRET_KEY = ""
    assert membership(alice).line.action == Next.NOTHING


def test_the_plan_that_fits_is_the_cheapest_that_would_have_refused_nothing(browser: Client, alice: User) -> None:
    now = timezone.now()
    User.objects.filter(pk=alice.pk).update(date_joined=now - timedelta(days=400))
    alice.refresh_from_db()
    last = month(now)[0] - timedelta(days=10)
    charged(alice, last, 15)
    charged(alice, last + timedelta(days=1), 15)
    found = replay(alice, Plan.objects.all(), now)
    assert found.best is not None
    assert found.best.plan.slug == "creator"
    free = found.of(Plan.objects.get(slug="free"))
    assert free is not None
    assert [(one.kind, one.units, one.since) for one in free.refused] == [
        (UsageKind.SCRAPE, 10, (last + timedelta(days=1)).date())
    ]
    shown = browser.get(PLANS)
    assert [offer.plan.slug for offer in shown.context["offers"].plans if offer.best] == ["creator"]
    assert "Would have refused 10 scrapes, from" in text(shown)
    StoredObject.objects.create(owner=alice, key="u/x", state="live", size=60 << 30, sha256="0")
    assert replay(alice, Plan.objects.all(), now).best == replay(alice, Plan.objects.filter(slug="studio"), now).best


def test_months_start_anew_and_the_running_one_does_not_count(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(date_joined=NOW - timedelta(days=400))
    alice.refresh_from_db()
    for day in (datetime(2026, 8, 31, 23, 59, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC), NOW):
        charged(alice, day, 19)
    found = replay(alice, Plan.objects.all(), NOW)
    assert found.used[UsageKind.SCRAPE] == 38
    assert found.best is not None
    assert found.best.plan.slug == "free"


def test_a_plan_that_was_used_up_does_not_fit(browser: Client, alice: User) -> None:
    charged(alice, timezone.now() - timedelta(days=1), 20)
    shown = browser.get(PLANS)
    assert [offer.plan.slug for offer in shown.context["offers"].plans if offer.best] == ["creator"]
    assert "Would have run out of scrapes on" in text(shown)


def test_a_young_account_goes_by_its_last_thirty_days(browser: Client, alice: User) -> None:
    assert full_months(datetime(2026, 10, 1, tzinfo=UTC), NOW) == [datetime(2026, 10, 1, tzinfo=UTC)]
    assert full_months(datetime(2026, 10, 2, tzinfo=UTC), NOW) == []
    assert len(full_months(datetime(2020, 1, 1, tzinfo=UTC), NOW)) == 3
    assert "Fits you" not in text(browser.get(PLANS))
    charged(alice, timezone.now() - timedelta(days=2), 3_001)
    shown = text(browser.get(PLANS))
    assert "No plan would have been enough for what you used in the last 30 days" in shown
    assert "Would have refused 1 scrape, from" in shown


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("active", "which is paid until 1 December 2026"),
        ("past_due", "You have not paid for Creator since 1 November 2026."),
        ("unpaid", "You have not paid for Creator since 1 November 2026."),
        ("trialing", "You pay nothing for Creator so far."),
        ("canceled", ""),
    ],
)
def test_who_leaves_reads_whether_the_plan_is_paid(alice: User, status: str, words: str) -> None:
    begin, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    Subscription.objects.update_or_create(
        user=alice,
        defaults={"plan": creator(), "stripe_id": "sub_1", "status": status, "period_start": begin, "period_end": end},
    )
    told = paid_plan(alice)
    assert words in told
    assert bool(words) == bool(told)
    assert ("paid until" in told) == (status == "active")


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (1900, "usd", "19.00 USD"),
        (1900, "jpy", "1,900 JPY"),
        (1234567, "kwd", "1,234.567 KWD"),
        (-505, "eur", "-5.05 EUR"),
        (50000, "ugx", "500.00 UGX"),
    ],
)
def test_amounts_are_told_in_their_currency(amount: int, currency: str, words: str) -> None:
    assert money(amount, currency) == words


@pytest.mark.parametrize(
    "address",
    ["", "http://pay.stripe.com/x", "javascript:alert(1)", "//x", "https://", "https://[", "data:text/html,x"],
)
def test_only_https_is_linked_to(address: str) -> None:
    assert safe_link(address) == ""


def invoices(user: User, count: int) -> None:
    at = timezone.now()
    Invoice.objects.bulk_create(
        Invoice(id=new_id(), user=user, stripe_id=f"in_{new_id()}", number=f"K-{index}", status="paid", currency="usd",
                due=1900, paid=1900, issued_at=at - timedelta(hours=index), page_url="https://invoice.stripe.com/i",
                pdf_url="javascript:alert(1)")
        for index in range(count)
    )  # fmt: skip


def test_invoices_are_listed_newest_first_for_their_owner(browser: Client, stranger: Client, alice: User) -> None:
    assert "No invoices yet" in text(browser.get(INVOICES))
    invoices(alice, 25)
    first = text(browser.get(INVOICES))
    assert first.index("K-0<") < first.index("K-19<")
    assert "K-20<" not in first
    assert "1–20 of 25" in first
    assert "javascript" not in first
    assert 'rel="noreferrer"' in first
    assert "K-24" in text(browser.get(INVOICES, {"page": "2"}))
    assert "Nothing on this page" in text(browser.get(INVOICES, {"page": "9"}))
    assert "K-0" not in text(stranger.get(INVOICES))


def test_more_rows_cost_no_more_queries(browser: Client, alice: User) -> None:
    invoices(alice, 10)
    for _ in range(3):
        Plan.objects.create(name=f"P{new_id()}", slug=str(new_id()), scrapes=1, downloads=1, ai_generations=1)
    few = [queries_of(browser, path, {"limit": "100"}) for path in (INVOICES, PLANS)]
    pack = TopUpPack.objects.get(kind="scrape")
    invoices(alice, 90)
    Checkout.objects.bulk_create(
        Checkout(id=new_id(), user=alice, pack=pack, state="paid", ended_at=timezone.now()) for _ in range(20)
    )
    for _ in range(30):
        Plan.objects.create(name=f"P{new_id()}", slug=str(new_id()), scrapes=1, downloads=1, ai_generations=1)
        TopUpPack.objects.create(name=str(new_id()), kind="scrape", units=1, price_cents=1)
    assert [queries_of(browser, path, {"limit": "100"}) for path in (INVOICES, PLANS)] == few
