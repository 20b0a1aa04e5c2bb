"""`/api/billing`: paying, managing, and what was paid and used."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as live
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing.models import Checkout, Invoice, Plan, Reservation, TopUpPack, UsagePeriod
from billing.queries import month
from billing.services import choose_plan, reserve, settle, top_up
from kapture.core.choices import UsageKind
from kapture.core.ids import new_id
from tests.api.answers import accepted, refused
from tests.billing.counting import queries_of
from tests.billing.till import Till, tell
from tests.thorough import some

pytestmark = pytest.mark.django_db
CHECKOUT, PORTAL = "/api/billing/checkout", "/api/billing/portal"
HERE = live.SITE_URL
HOSTILE = [
    "https://evil.example", "https://evil.example/", "http://evil.example/usage/", "//evil.example", "///evil.example",
    "////evil.example/", "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\t/evil.example",
    "/\n/evil.example", "\t//evil.example", " https://evil.example", "https:evil.example", "https:/evil.example",
    "https:///evil.example", "HTTPS://EVIL.EXAMPLE", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "ftp://evil.example/",
    "evil.example", "usage/", "?next=/", "#", ".", "../usage/", f"{HERE}.evil.example/", f"{HERE}@evil.example/",
    f"{HERE}:1/", f"{HERE}\\@evil.example/", f"{HERE}//evil.example", f"{HERE}/\\evil.example",
    f"{HERE.replace('://', '://user:pass@')}/", f"{HERE.replace('http', 'https', 1)}/", "/usage//evil.example",
    "/／evil.example", "/usage/\x01", "/usage/\r\nLocation: https://evil.example", "/" + "a" * 300, "https://[::1",
    "/%0d%0a\x7f", "//user@evil.example/", f"x{HERE}/",
]  # fmt: skip


def creator() -> Plan:
    return Plan.objects.get(slug="creator")


def post(client: Client, path: str, body: Any, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(path, body, "application/json", headers=headers)


def test_there_are_enough_hostile_addresses() -> None:
    assert len(set(HOSTILE)) >= 40


@pytest.mark.parametrize("address", some(HOSTILE))
def test_nobody_is_led_elsewhere(api: Client, alice: User, settings: Settings, address: str) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_nobody_is_asked"
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    wanted = {"planId": str(creator().pk)}
    for field, path, body in (
        ("successUrl", CHECKOUT, wanted | {"successUrl": address}),
        ("cancelUrl", CHECKOUT, wanted | {"cancelUrl": address}),
        ("returnUrl", PORTAL, {"returnUrl": address}),
    ):
        error = refused(post(api, path, body), 400, "VALIDATION_ERROR")
        assert list(error["details"]) == [field]
    assert not Checkout.objects.exists()


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (f"{HERE}/usage/?a=1&b=%20#top", "/usage/?a=1&b=%20#top"),
        ("/trends/?q=a//b", "/trends/?q=a//b"),
        (f"{HERE}/", "/"),
        ("", ""),
    ],
)
def test_own_addresses_are_kept_as_paths(till: Till, api: Client, address: str, path: str) -> None:
    body = {"planId": str(creator().pk), "successUrl": address, "cancelUrl": address}
    data = accepted(post(api, CHECKOUT, body))
    row = Checkout.objects.get()
    assert (data, row.back_to, row.cancel_to) == ({"url": row.url}, path, path)


def test_a_program_leads_somebody_from_paying_to_managing(till: Till, api: Client, alice: User) -> None:
    refused(post(api, PORTAL, {}), 409, "CONFLICT")
    before = accepted(api.get("/api/billing/subscription"))
    assert (before["plan"]["slug"], before["status"], before["canManage"]) == ("free", None, False)

    wanted = {"planId": str(creator().pk)}
    first = accepted(post(api, CHECKOUT, wanted, "one"))
    again = post(api, CHECKOUT, wanted, "one")
    assert accepted(again) == first
    assert again["Idempotent-Replayed"] == "true"
    refused(post(api, CHECKOUT, {"packId": str(TopUpPack.objects.earliest("position").pk)}, "one"), 409, "CONFLICT")
    row = Checkout.objects.get()
    assert row.stripe_id is not None
    till.go(row.stripe_id)
    tell(till)

    after = accepted(api.get("/api/billing/subscription"))
    assert (after["plan"]["slug"], after["status"], after["subscribedPlan"]) == ("creator", "active", "creator")
    assert (after["granted"], after["canManage"], after["endsAt"], after["isCollectionPaused"]) == (
        False,
        True,
        None,
        False,
    )
    assert after["periodStart"] < after["periodEnd"]
    assert after["summary"].startswith("Renews on")
    refused(post(api, CHECKOUT, {"planId": str(Plan.objects.get(slug="studio").pk)}), 409, "CONFLICT")
    assert accepted(post(api, PORTAL, {"returnUrl": "/usage/"}))["url"].startswith(till.url)
    (invoice,) = accepted(api.get("/api/billing/invoices"))
    assert (invoice["due"], invoice["currency"], invoice["status"]) == (1900, "usd", "paid")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "planId"),
        ({"planId": "x"}, "planId"),
        ({"planId": "00000000-0000-7000-8000-000000000000"}, "planId"),
        ({"packId": "00000000-0000-7000-8000-000000000000"}, "packId"),
        ({"plan": "creator"}, "plan"),
    ],
)
def test_what_is_not_on_offer_is_refused(till: Till, api: Client, body: dict[str, str], field: str) -> None:
    assert field in refused(post(api, CHECKOUT, body), 400, "VALIDATION_ERROR")["details"]


def test_hidden_and_free_plans_and_useless_ones_are_not_sold(till: Till, api: Client, alice: User) -> None:
    free, hidden = Plan.objects.get(slug="free"), creator()
    Plan.objects.filter(pk=hidden.pk).update(is_public=False)
    missing = refused(post(api, CHECKOUT, {"planId": str(new_id())}), 400, "VALIDATION_ERROR")
    assert refused(post(api, CHECKOUT, {"planId": str(hidden.pk)}), 400, "VALIDATION_ERROR") == missing
    refused(post(api, CHECKOUT, {"planId": str(free.pk)}), 400, "VALIDATION_ERROR")
    refused(post(api, CHECKOUT, {"planId": str(free.pk), "packId": str(new_id())}), 400, "VALIDATION_ERROR")
    choose_plan(alice, free, alice)
    refused(post(api, CHECKOUT, {"planId": str(Plan.objects.get(slug="studio").pk)}), 409, "CONFLICT")


def test_while_stripe_is_off_the_setting_is_named(api: Client) -> None:
    for path, body in ((CHECKOUT, {"planId": str(creator().pk)}), (PORTAL, {})):
        error = refused(post(api, path, body), 503, "SERVICE_UNAVAILABLE")
        assert error["details"]["setting"] == "STRIPE_SECRET_KEY"


def test_all_figures_of_what_is_on_offer_are_told_to_everybody(client: Client, plans: None) -> None:
    Plan.objects.filter(slug="studio").update(flags=["early_access"], stripe_price_id="price_x")
    response = client.get("/api/billing/plans")
    studio = accepted(response)[-1]
    assert response["Cache-Control"] == "public, max-age=300"
    assert {**studio, "id": ""} == {
        "id": "",
        "slug": "studio",
        "name": "Studio",
        "description": "For a team or several channels.",
        "priceCents": 5900,
        "currency": "usd",
        "scrapes": 3000,
        "downloads": 2000,
        "aiGenerations": 2500,
        "concurrentDownloads": 6,
        "requestsPerMinute": 1200,
        "storageBytes": 250 << 30,
        "retentionDays": None,
        "flags": ["early_access"],
        "isDefault": False,
        "isForSale": True,
    }
    packs = client.get("/api/billing/packs")
    assert [(pack["type"], pack["units"], pack["priceCents"], pack["isForSale"]) for pack in accepted(packs)] == [
        ("scrape", 50, 500, False),
        ("download", 100, 900, False),
        ("ai_generation", 100, 900, False),
    ]
    assert packs["Cache-Control"] == "public, max-age=300"


def test_usage_tells_months_and_top_ups_apart(api: Client, alice: User) -> None:
    now = timezone.now()
    start, end = month(month(now)[0] - timedelta(days=1))
    UsagePeriod.objects.create(
        user=alice, kind=UsageKind.DOWNLOAD, starts_at=start, ends_at=end, limit=20, used=7, archived_at=now
    )
    top_up(alice, UsageKind.SCRAPE, 50, source=UsagePeriod.Source.PURCHASE, source_id="cs_1", actor=alice)
    job = new_id()
    reserve(alice, UsageKind.SCRAPE, 25, source_id=job)
    settle(job, 22)
    data = accepted(api.get("/api/billing/usage"))
    scrape = data["kinds"][0]
    assert (scrape["used"], scrape["limit"], scrape["topUps"], scrape["remaining"]) == (20, 20, 48, 48)
    assert [(row["month"], row["archived"]) for row in data["history"]] == [
        (f"{now:%Y-%m}", False),
        (f"{start:%Y-%m}", True),
    ]
    assert data["history"][0]["kinds"][0] == {"type": "scrape", "used": 20, "limit": 20, "fromTopUps": 2}
    assert data["history"][1]["kinds"][1] == {"type": "download", "used": 7, "limit": 20, "fromTopUps": 0}
    assert {(row["period"], row["amount"], row["settled"]) for row in data["receipts"]} == {
        ("month", 20, 20),
        ("purchase", 5, 2),
    }


def test_invoices_are_those_of_the_caller(api: Client, alice: User, bob: User) -> None:
    def add(owner: User, count: int) -> None:
        for _ in range(count):
            Invoice.objects.create(
                user=owner,
                stripe_id=str(new_id()),
                currency="usd",
                due=1,
                paid=1,
                status="open",
                issued_at=timezone.now(),
                page_url="http://x",
                pdf_url="https://x.example/",
            )

    add(bob, 3)
    assert accepted(api.get("/api/billing/invoices")) == []
    add(alice, 10)
    assert {(row["pageUrl"], row["pdfUrl"]) for row in accepted(api.get("/api/billing/invoices"))} == {
        ("", "https://x.example/")
    }
    few = queries_of(api, "/api/billing/invoices", {"limit": "100"})
    add(alice, 90)
    assert queries_of(api, "/api/billing/invoices", {"limit": "100"}) == few
    assert len(accepted(api.get("/api/billing/invoices", {"limit": 100}))) == 100


def test_receipts_cost_the_same_however_many_there_are(api: Client, alice: User) -> None:
    choose_plan(alice, creator(), alice)
    for _ in range(10):
        reserve(alice, UsageKind.SCRAPE, 1, source_id=new_id())
    few = queries_of(api, "/api/billing/usage")
    for _ in range(90):
        reserve(alice, UsageKind.SCRAPE, 1, source_id=new_id())
    assert Reservation.objects.count() == 100
    assert queries_of(api, "/api/billing/usage") == few
