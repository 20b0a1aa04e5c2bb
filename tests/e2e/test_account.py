"""An account as its owner keeps it: confirmed by e-mail, moved to another address, and cut off from everything else."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from kapture.sandbox.control import Control
from tests.e2e.conftest import PHONE
from tests.e2e.instance import Instance
from tests.e2e.test_pages import look

PASSWORD = "correct horse battery"
FIRST, SECOND = "wanda@example.com", "wanda@new.example"
WAIT = 90_000


def mails(instance: Instance, to: str) -> list[dict[str, Any]]:
    """What the mailbox holds for an address, newest first."""
    return [
        message for message in Control(instance.known()["MAILBOX_URL"]).get("/messages.json") if message["to"] == to
    ]


def sign_up(page: Page, instance: Instance) -> None:
    page.goto(f"{instance.url}/accounts/signup/")
    page.get_by_label("Name").fill("Wanda Walker")
    page.get_by_label("E-mail").fill(FIRST)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text(FIRST)).to_be_visible()
    page.get_by_role("link", name="mailbox").click()
    page.get_by_role("link", name="Confirm your e-mail address").first.click()
    page.get_by_role("link", name=re.compile("confirm-email")).click()
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(instance.url + "/")


def move(page: Page, instance: Instance) -> None:
    page.goto(f"{instance.url}/settings/sign-in/")
    page.get_by_text("Change the address").click()
    page.get_by_label("New address").fill(SECOND)
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("Waits for its confirmation")).to_be_visible()
    page.goto(mails(instance, SECOND)[0]["links"][0])
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/settings/sign-in/")
    expect(page.get_by_role("main").get_by_text(SECOND)).to_be_visible()
    assert mails(instance, FIRST)[0]["subject"] == "Your e-mail address was changed"


def test_an_account_is_confirmed_moved_and_cut_off(visit: Any, instance: Instance) -> None:
    desk = visit()
    page = desk.page
    sign_up(page, instance)
    move(page, instance)

    phone = visit(size=PHONE, touch=True)
    phone.sign_in(SECOND, PASSWORD)
    page.goto(f"{instance.url}/settings/keys/")
    page.get_by_label("Name").fill("upload script")
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_text("This is the only time the key is shown.")).to_be_visible()

    look(desk, "/settings/access/", "filled")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Cut everything off").click()
    expect(page.get_by_text("Cut off: 1 API key and 1 other browser.")).to_be_visible()
    phone.go("/settings/")
    phone.page.wait_for_url("**/accounts/login/**")

    page.get_by_role("link", name="Notifications, 1 unread").click()
    look(desk, "/notifications/", "filled")
    page.get_by_role("link", name=re.compile("Everything was cut off")).click()
    expect(page.get_by_role("link", name="Notifications", exact=True)).to_have_count(1)
    for _ in range(WAIT // 1000):
        if mails(instance, SECOND)[0]["subject"] == "Everything was cut off from your account":
            break
        page.wait_for_timeout(1000)
    assert mails(instance, SECOND)[0]["subject"] == "Everything was cut off from your account"
