"""The hosted pages: what a browser is shown, where its buttons lead, and where it ends up."""

import http.client
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from kapture.sandbox.server import Server
from kapture.sandbox.stripe import StripeStandIn
from kapture.sandbox.stripe.control import StripeControl
from tests.sandbox.stripe_account import BACK, EXTRA, PLANS, STUDIO, client_of, customer, opened, period, subscribed


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(StripeStandIn()) as running:
        yield running


@pytest.fixture
def stripe(server: Server) -> StripeControl:
    control = StripeControl(server.url)
    control.reset()
    return control


@pytest.fixture
def client(stripe: StripeControl) -> Any:
    return client_of(stripe.url)


def fetch(url: str, method: str = "GET", form: dict[str, str] | None = None) -> tuple[int, str, str]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    body = urlencode(form) if form else None
    connection.request(method, parts.path, body, {"content-type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    return answer.status, text, answer.getheader("location", "")


def press(url: str, label: str) -> str:
    """Press the button of a page and give the address it leads to."""
    _, text, _ = fetch(url)
    for action, inside in re.findall(r'<form method="post" action="([^"]+)">(.*?)</form>', text):
        if label in unescape(re.sub(r"<[^>]+>", "", inside)):
            fields = dict(re.findall(r'name="([^"]+)" value="([^"]+)"', inside))
            origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
            status, _, location = fetch(f"{origin}{action}", "POST", fields or None)
            assert status == 303
            return location if "://" in location else f"{origin}{location}"
    raise AssertionError(f"no button {label} in {text}")


def test_paying_leads_back_with_the_sessions_id(client: Any) -> None:
    session = opened(client, customer(client))
    _, text, _ = fetch(session.url)
    assert "Subscribe to Kapture Creator" in text
    assert "$19.00 <small>a month</small>" in text
    assert "no money moves" in text
    assert f'href="{PLANS}"' in text
    assert press(session.url, "Pay $19.00") == BACK.replace("{CHECKOUT_SESSION_ID}", session.id)
    _, text, _ = fetch(session.url)
    assert "This is paid" in text
    assert "<form" not in text


def test_a_declined_card_says_so_and_leaves_the_page_open(client: Any) -> None:
    session = opened(client, customer(client))
    assert press(session.url, "declined") == session.url
    assert 'role="alert"' in fetch(session.url)[1]
    assert client.checkout.sessions.retrieve(session.id).status == "open"


def test_a_second_step_is_confirmed_on_a_page_of_its_own(client: Any) -> None:
    session = opened(client, customer(client))
    assert press(session.url, "second step") == session.url
    assert press(session.url, "Refuse") == session.url
    assert "did not confirm" in fetch(session.url)[1]
    press(session.url, "second step")
    assert press(session.url, "Confirm").startswith(BACK.partition("{")[0])


def test_bank_transfers_pay_one_off_things_only(client: Any) -> None:
    buyer = customer(client)
    assert "bank transfer" not in fetch(opened(client, buyer).url)[1]
    assert press(opened(client, buyer, EXTRA).url, "bank transfer").startswith(BACK.partition("{")[0])


def test_an_expired_page_leads_back(client: Any, stripe: StripeControl) -> None:
    session = opened(client, customer(client))
    stripe.advance(days=2)
    _, text, _ = fetch(session.url)
    assert "This page has expired" in text
    assert PLANS in text


def test_the_portal_changes_cancels_keeps_and_pays(client: Any, stripe: StripeControl) -> None:
    sub = subscribed(client, stripe)
    portal = client.billing_portal.sessions.create({"customer": sub.customer, "return_url": PLANS}).url

    def now() -> Any:
        return client.subscriptions.retrieve(sub.id)

    assert f'href="{PLANS}"' in fetch(portal)[1]
    press(portal, "Change to Kapture Studio")
    assert now()["items"].data[0].price.id == STUDIO
    press(portal, "Cancel on")
    assert now().cancel_at == period(sub)[1]
    assert "Ends on" in fetch(portal)[1]
    press(portal, "Do not cancel")
    assert now().cancel_at is None
    press(portal, "Make the next payment fail")
    stripe.advance(days=32)
    assert now().status == "past_due"
    assert "Payment overdue" in fetch(portal)[1]
    press(portal, "Use a card that works")
    assert now().status == "active"


def test_an_invoice_has_a_page_and_a_pdf(client: Any, stripe: StripeControl) -> None:
    sub = subscribed(client, stripe)
    paper = client.invoices.retrieve(sub.latest_invoice)
    _, text, _ = fetch(paper.hosted_invoice_url)
    assert paper.number in text
    assert "Kapture Creator" in text
    assert fetch(paper.invoice_pdf)[1].startswith("%PDF-1.4")
    stripe.card(sub.customer, "declined")
    stripe.advance(days=32)
    owed = client.invoices.retrieve(client.subscriptions.retrieve(sub.id).latest_invoice)
    press(owed.hosted_invoice_url, "Pay $19.00")
    assert client.invoices.retrieve(owed.id).status == "paid"


def test_the_desk_moves_the_clock_and_shows_events(client: Any, stripe: StripeControl) -> None:
    sub = subscribed(client, stripe)
    desk, before = f"{stripe.url}/", stripe.now()
    assert press(desk, "One month on") == desk
    assert stripe.now() >= before + 31 * 86_400
    assert client.subscriptions.retrieve(sub.id).latest_invoice != sub.latest_invoice
    text = fetch(desk)[1]
    assert text.count("Not sent") == 6
    assert "checkout.session.completed" in text.replace("<wbr>", "")


def test_names_are_text_and_not_markup(client: Any, stripe: StripeControl) -> None:
    stripe.put_price("price_odd", 100, name="<b>Odd</b>")
    text = fetch(opened(client, customer(client), "price_odd").url)[1]
    assert "<b>Odd" not in text
    assert "&lt;b&gt;Odd" in text


def test_unknown_addresses_lead_nowhere(stripe: StripeControl) -> None:
    for path in ("/c/pay/cs_none", "/p/session/bps_none", "/i/in_none", "/i/in_none/pdf"):
        status, text, _ = fetch(f"{stripe.url}{path}")
        assert status == 404
        assert "Nothing here" in text
