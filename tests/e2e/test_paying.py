"""Money as a creator meets it: refused at the limit, paid at Stripe's stand-in, and allowed again seconds later."""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DEMO, DESKTOP, PHONE
from tests.e2e.instance import Instance
from tests.e2e.test_pages import look

PASSWORD = "correct horse battery"
AT_THE_LIMIT = """
from accounts.models import User
from billing.services import reserve, settle
from kapture.core.choices import UsageKind
from kapture.core.ids import new_id
user = User.objects.create_user("{email}", "{password}", name="Paula")
work = new_id()
reserve(user, UsageKind.SCRAPE, 20, source_id=work, for_job=False)
settle(work, 20)
"""
VISITS = """
from accounts.models import User
from billing.models import Checkout, Plan, TopUpPack
user, plan, pack = User.objects.get(email="{email}"), Plan.objects.get(slug="creator"), TopUpPack.objects.earliest("id")
made = [Checkout.objects.create(user=user, plan=plan, state=state, url="/") for state in ("open", "expired", "paid")]
made.append(Checkout.objects.create(user=user, pack=pack, state="paid"))
print(*(row.pk for row in made))
"""
NO_VISITS = """
from billing.models import Checkout
Checkout.objects.filter(pk__in={ids}).delete()
"""


def somebody_at_the_limit(instance: Instance, email: str) -> None:
    instance.manage("shell", "-v", "0", "-c", AT_THE_LIMIT.format(email=email, password=PASSWORD))


def scrape_by_api(instance: Instance, key: str) -> int:
    """The status of a request that spends."""
    body = json.dumps({"platform": "x", "keywords": ["kites"], "limit": 1}).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{instance.url}/api/trends/scrape", body, headers)
    try:
        with urllib.request.urlopen(request) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


def ask_for_a_scrape(page: Page) -> None:
    page.get_by_label("Keywords").fill("kites")
    page.get_by_role("button", name="Scrape", exact=True).click()


def test_from_a_refusal_to_the_next_accepted_request(visit: Any, instance: Instance) -> None:
    somebody_at_the_limit(instance, "paula@example.com")
    key = instance.manage("issue_api_key", "paula@example.com")
    assert scrape_by_api(instance, key) == 403
    visitor = visit()
    page = visitor.sign_in("paula@example.com", PASSWORD)

    visitor.go("/trends/scrape/")
    ask_for_a_scrape(page)
    expect(page.get_by_role("heading", name="You have reached a limit of your plan")).to_be_visible()
    expect(page.get_by_role("link", name="Buy a top-up")).to_be_visible()
    visitor.complaints.clear()  # the browser reports the 403 itself
    page.get_by_role("link", name="See plans").first.click()
    page.get_by_role("button", name="Choose Creator").click()

    expect(page.get_by_role("heading", name=re.compile("Creator"))).to_be_visible()
    assert not page.url.startswith(instance.url)
    page.get_by_role("button", name="Pay with a card that is declined").click()
    expect(page.get_by_text(re.compile("declined", re.IGNORECASE)).first).to_be_visible()
    assert scrape_by_api(instance, key) == 403

    paid = time.monotonic()
    page.get_by_role("button", name=re.compile(r"^Pay \$19")).click()
    expect(page.get_by_role("heading", name="You are on Creator")).to_be_visible()
    shown = time.monotonic() - paid
    assert scrape_by_api(instance, key) == 202
    accepted = time.monotonic() - paid
    assert accepted < 5, f"shown after {shown:.1f} s, accepted after {accepted:.1f} s"

    page.get_by_role("link", name="Back to where you were").click()
    ask_for_a_scrape(page)
    page.wait_for_url(instance.url + "/trends/")
    expect(page.get_by_role("heading", name="You have reached a limit of your plan")).to_have_count(0)

    visitor.go("/usage/")
    expect(page.get_by_text(re.compile("Renews on"))).to_be_visible()
    page.get_by_role("button", name="Manage billing").click()
    page.get_by_role("button", name=re.compile("^Cancel on")).click()
    page.get_by_role("link", name="Back to Kapture").click()
    expect(page.locator("#member").get_by_text(re.compile("^Ends on"))).to_be_visible()
    page.get_by_role("button", name="Keep the plan").click()
    page.get_by_role("button", name="Do not cancel").click()
    page.get_by_role("link", name="Back to Kapture").click()
    expect(page.locator("#member").get_by_text("Active", exact=True)).to_be_visible()

    visitor.go("/usage/invoices/")
    expect(page.get_by_text("19.00 USD")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("as PDF"))).to_be_visible()
    assert json.loads(instance.manage("verify_invariants"))["broken"] == {}


@pytest.mark.parametrize("javascript", [True, False])
def test_a_top_up_gives_what_the_month_does_not(visit: Any, instance: Instance, javascript: bool) -> None:
    email = f"tom-{int(javascript)}@example.com"
    somebody_at_the_limit(instance, email)
    visitor = visit(javascript=javascript)
    page = visitor.sign_in(email, PASSWORD)
    visitor.go("/usage/plans/")
    page.get_by_role("button", name="Buy 50 scrapes").click()
    page.get_by_role("link", name="Cancel and go back").click()
    expect(page.get_by_role("heading", name="Nothing was paid")).to_be_visible()
    page.get_by_role("link", name="Go on paying").click()
    page.get_by_role("button", name=re.compile(r"^Pay \$5")).click()
    done = page.get_by_role("heading", name="50 scrapes were added")
    for _ in range(20):
        if javascript or done.count():
            break
        page.get_by_role("link", name="Refresh").click()
    expect(done).to_be_visible()
    page.get_by_role("link", name="See usage").click()
    expect(page.get_by_text("50 of 50 left")).to_be_visible()
    visitor.go("/trends/scrape/")
    ask_for_a_scrape(page)
    page.wait_for_url(instance.url + "/trends/")
    expect(page.get_by_role("heading", name="You have reached a limit of your plan")).to_have_count(0)
    visitor.go("/usage/")
    expect(page.get_by_text(re.compile("4[0-9] of 50 left"))).to_be_visible()


@pytest.fixture
def visits(instance: Instance) -> Iterator[list[str]]:
    """Visits to the payment page in every state; nothing stands behind them, so they do not stay for the oracle."""
    ids = instance.manage("shell", "-v", "0", "-c", VISITS.format(email=DEMO[0])).split()
    yield ids
    instance.manage("shell", "-v", "0", "-c", NO_VISITS.format(ids=ids))


@pytest.mark.parametrize(
    ("theme", "size", "device"), [("light", DESKTOP, "desktop"), ("dark", PHONE, "phone"), ("dark", DESKTOP, "desktop")]
)
def test_every_end_of_a_visit_is_a_sound_page(
    visit: Any, visits: list[str], theme: str, size: dict[str, int], device: str
) -> None:
    visitor = visit(theme=theme, size=size, touch=device == "phone")
    visitor.sign_in()
    queries = ["?look=100", "", "", "", "?left=1"]
    for index, (pk, query) in enumerate(zip([*visits, visits[0]], queries, strict=True)):
        look(visitor, f"/usage/checkout/{pk}/{query}", f"{index}-{theme}-{device}")
