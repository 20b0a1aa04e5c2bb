"""Watching a niche and keeping what it finds, as a creator does it."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import reload_until
from tests.e2e.instance import Instance


def fill_watch(page: Page, name: str, keyword: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_role("textbox", name="Keywords").fill(keyword)
    page.get_by_label("At cron times (UTC)").focus()
    page.get_by_label("reaches").first.fill("0.01")


def watch_until_alerted(page: Page) -> None:
    """Wait for the first run of the watch on the page to end, and for its alerts."""
    reload_until(page, page.locator("#alerts tbody tr"))


def test_a_watch_finds_alerts_and_tells(visit: Any, instance: Instance) -> None:
    visitor = visit()
    page = visitor.sign_in()
    visitor.go("/trends/watches/new/")
    fill_watch(page, "Lantern makers", "paper lantern")
    expect(page.get_by_text(re.compile(r"180 of your .* scrapes a month")).first).to_be_visible()
    page.get_by_role("button", name=re.compile("Try the rules")).click()
    expect(page.locator("#backtest").get_by_role("heading").first).to_be_visible()
    page.get_by_role("button", name="Start watching").click()
    expect(page.get_by_role("heading", name="Lantern makers")).to_be_visible()
    watch_until_alerted(page)

    page.get_by_role("link", name=re.compile(r"\d+ new")).click()
    page.wait_for_url(re.compile(r"/trends/\?watch="))
    expect(page.get_by_role("checkbox", name=re.compile("^Select ")).first).to_be_attached()
    visitor.go("/notifications/")
    # The owner is told by a job of its own.
    reload_until(page, page.get_by_role("main").get_by_text(re.compile("Lantern makers")))
    assert json.loads(instance.manage("verify_invariants"))["broken"] == {}


def test_what_is_deleted_can_be_had_back(visit: Any) -> None:
    visitor = visit()
    page = visitor.sign_in()
    visitor.go("/trends/?q=desk")
    boxes = page.get_by_role("checkbox", name=re.compile("^Select "))
    expect(boxes.first).to_be_attached()
    name = boxes.first.evaluate("box => box.parentElement.textContent.trim()")
    boxes.first.check(force=True)
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("checkbox", name=name, exact=True)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("checkbox", name=name, exact=True)).to_have_count(1)


def test_tags_make_a_view(visit: Any) -> None:
    visitor = visit()
    page = visitor.sign_in()
    visitor.go("/trends/?q=street")
    boxes = page.get_by_role("checkbox", name=re.compile("^Select "))
    boxes.nth(0).check(force=True)
    boxes.nth(1).check(force=True)
    page.get_by_role("button", name="Tag", exact=True).click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("textbox").first.fill("for the autumn series")
    dialog.get_by_role("button", name="Save tags").click()
    # The field shows the tag as soon as it is left: only the message tells that it is kept.
    expect(page.get_by_text("2 trends tagged.")).to_be_visible()

    visitor.go("/trends/?tag=for+the+autumn+series")
    expect(boxes).to_have_count(2)
    page.get_by_role("link", name="Save this view").click()
    dialog.get_by_label("Name").fill("Autumn")
    dialog.get_by_role("button", name=re.compile("Save")).click()
    expect(page.get_by_role("link", name="Autumn", exact=True)).to_be_visible()

    with page.expect_download() as started:
        page.get_by_role("button", name="Export").click()
        page.get_by_role("link", name=re.compile("As CSV")).click()
    rows = started.value.path().read_text("utf-8-sig").splitlines()
    assert len([row for row in rows if "for the autumn series" in row]) == 2


@pytest.mark.parametrize("path", ["/trends/", "/trends/watches/", "/trends/analytics/"])
def test_the_rooms_of_trends_lead_to_each_other(visit: Any, path: str) -> None:
    visitor = visit(javascript=False)
    page = visitor.sign_in()
    visitor.go(path)
    for name in ("Watches", "Analytics", "Trends"):
        page.get_by_role("navigation", name="Trends").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_watch_is_kept_without_javascript(visit: Any) -> None:
    visitor = visit(javascript=False)
    page = visitor.sign_in()
    visitor.go("/trends/watches/new/")
    page.get_by_label("Name").fill("Plain watch")
    page.get_by_label("Keywords").fill("clay, slip")
    page.get_by_role("button", name="Start watching").click()
    expect(page.get_by_role("heading", name="Plain watch")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Run again")).to_be_visible()
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_label("Keywords")).to_have_value("clay, slip")
