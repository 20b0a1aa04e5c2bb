"""Every page in both themes and sizes: no accessibility violation, no complaint, nothing wider than the screen.

Pictures of all of them are left in tests/e2e/output for people to look at.
"""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.conftest import DESKTOP, OUTPUT, PHONE

OPEN = [
    "/accounts/login/", "/accounts/signup/", "/accounts/confirm-email/", "/accounts/confirm-email/used/",
    "/accounts/password/reset/", "/accounts/password/reset/done/",
]  # fmt: skip
PAGES = [
    "/", "/trends/", "/trends/?layout=list", "/trends/scrape/", "/trends/watches/", "/trends/watches/new/",
    "/trends/analytics/", "/trends/categories/", "/trends/changes/", "/downloads/", "/downloads/?tab=completed",
    "/downloads/?tab=failed", "/downloads/policies/", "/downloads/trash/", "/ideaboards/", "/ideaboards/draft/",
    "/library/", "/library/?q=desk", "/library/?q=zzzz",
    "/usage/", "/usage/plans/", "/usage/invoices/", "/settings/",
    "/settings/sign-in/", "/settings/notifications/", "/settings/keys/", "/settings/access/", "/notifications/",
    "/accounts/password/change/",
]  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def look(visitor: Any, path: str, name: str) -> None:
    page = visitor.go(path)
    page.wait_for_load_state("networkidle")
    OUTPUT.mkdir(exist_ok=True)
    place = re.sub(r"[^a-z0-9]+", "-", re.sub(r"[0-9a-f-]{36}", "id", path)).strip("-")
    page.screenshot(path=OUTPUT / f"{place or 'overview'}-{name}.png")
    result = Axe().run(page, options={"runOnly": RULES})
    assert result.violations_count == 0, f"{path} ({name}): {result.generate_report()}"
    assert page.locator("h1").count() == 1, f"{path}: not one h1"
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{path} ({name}) is {wide} px wider than the screen"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("size", "device"), [(DESKTOP, "desktop"), (PHONE, "phone")])
def test_pages(visit: Any, theme: str, size: dict[str, int], device: str) -> None:
    visitor = visit(theme=theme, size=size, touch=device == "phone")
    for path in OPEN:
        look(visitor, path, f"{theme}-{device}")
    page = visitor.sign_in()
    found = [*PAGES]
    for room in ("trends", "trends/watches", "downloads", "ideaboards"):
        visitor.go(f"/{room}/?tab=completed" if room == "downloads" else f"/{room}/")
        link = page.locator(f"main a[href^='/{room}/0']").first
        if link.count():
            found.append(str(link.get_attribute("href")))
    for path in found:
        look(visitor, path, f"{theme}-{device}")


def test_a_missing_page_says_so(visit: Any) -> None:
    visitor = visit()
    visitor.sign_in()
    page = visitor.go("/trends/01900000-0000-7000-8000-000000000000/")
    assert page.get_by_role("heading", name="We could not find that").is_visible()
    visitor.complaints.clear()  # the browser reports the 404 itself
