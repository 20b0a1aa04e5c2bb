"""Downloads as a creator makes them: looked at, started, watched as they come, read, cut, deleted and brought back."""

import json
import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kapture.sandbox.control import Control
from tests.e2e.conftest import PHONE, reload_until, wait_until_played
from tests.e2e.instance import Instance

WAIT = 60_000
SPEED = 40_000
SIZES = re.compile(r"([\d.]+)(?: (B|kB|MB))? of ([\d.]+) (B|kB|MB)")
UNITS = {"B": 1, "kB": 1e3, "MB": 1e6}


@pytest.fixture
def videos(instance: Instance) -> str:
    """The address of the site with videos."""
    known: dict[str, str] = json.loads((instance.home / "sandbox" / "sandbox.json").read_text())
    return known["video"]


def paste(page: Page, *links: str) -> None:
    """Put links into the composer."""
    page.get_by_label("Links to download").fill("\n".join(links))


def test_links_are_looked_at_started_and_captured_with_what_is_said(visit: Any, videos: str) -> None:
    visitor = visit()
    page = visitor.sign_in()
    visitor.go("/downloads/")
    page.get_by_label("Captions").select_option("yes")
    paste(page, f"{videos}/watch/paper-boats", f"{videos}/watch/tin-roof", "http://169.254.169.254/latest")
    page.get_by_role("button", name="Look before downloading").click()
    sheet = page.locator("#downloads-plan")
    expect(sheet.get_by_text("Nothing is spent yet")).to_be_visible(timeout=WAIT)
    expect(sheet.get_by_text("The link leads to an address inside a private network.")).to_be_visible(timeout=WAIT)
    expect(sheet.get_by_text("costs 2 of")).to_be_visible(timeout=WAIT)
    sheet.get_by_role("button", name="Start the chosen").click()
    expect(page.get_by_text("2 downloads started.").first).to_be_visible()

    # Other tests have downloads of their own.
    visitor.go("/downloads/?tab=completed&q=boats")
    row = page.get_by_role("link", name="paper-boats", exact=True)
    reload_until(page, row)
    row.click()
    expect(page.get_by_text("Sealed")).to_be_visible()
    film = page.locator("video")
    lines = page.locator("#transcript .line-words")
    expect(lines.nth(1)).to_be_visible()
    lines.nth(1).click()
    wait_until_played(film, 0)
    assert film.evaluate("film => film.textTracks.length") == 1

    page.get_by_label("From", exact=True).fill("0:01")
    page.get_by_label("To", exact=True).fill("0:03")
    page.get_by_role("button", name="Cut clip").click()
    expect(page.get_by_text(re.compile("0:01.*0:03")).first).to_be_visible(timeout=WAIT)

    visitor.go("/downloads/?tab=completed&q=roof")
    other = page.locator("[data-item]", has_text="tin-roof")
    reload_until(page, other)
    expect(other).to_have_count(1)
    other.get_by_role("button", name="More").click()
    other.get_by_role("button", name="Delete").click()
    expect(other).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(other).to_have_count(1)


def test_a_phone_offers_every_choice(visit: Any) -> None:
    visitor = visit(size=PHONE, touch=True)
    page = visitor.sign_in()
    visitor.go("/downloads/")
    for label in ("Format", "Captions", "When"):
        expect(page.get_by_label(label, exact=True)).to_be_visible()


def test_progress_is_on_the_page_within_two_seconds_of_the_byte(visit: Any, videos: str) -> None:
    visitor = visit()
    page = visitor.sign_in()
    visitor.go("/downloads/?tab=active")
    paste(page, f"{videos}/slow/lamp-amber.mp4?bps={SPEED}")
    page.get_by_role("button", name="Download", exact=True).click()
    bytes_of = page.locator("[data-item]", has_text="lamp-amber").locator("[data-live$='.bytes']").first
    shown: dict[float, float] = {}
    share, until = 0.0, time.monotonic() + 60
    while share < 0.8 and time.monotonic() < until:
        if found := SIZES.match(bytes_of.inner_text() if bytes_of.count() else ""):
            size = float(found[1]) * UNITS[found[2] or found[4]]
            share = size / (float(found[3]) * UNITS[found[4]])
            shown.setdefault(size, time.time())
        page.wait_for_timeout(50)
    assert share >= 0.8, shown
    assert len(shown) > 5, shown
    # The site sends so many bytes a second from its last request on; those before only looked.
    began = Control(videos).requests("GET /slow/*")[-1]["at"]
    late = max(at - began - size / SPEED for size, at in shown.items())
    print(f"\nprogress is at most {late:.2f} s behind in {len(shown)} figures", end="")  # noqa: T201
    assert late < 2
