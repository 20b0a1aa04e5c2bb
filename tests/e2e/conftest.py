"""Browser tests: one instance for all, a fresh browser context for each."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect, sync_playwright

from tests.e2e.instance import Instance, open_folder

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    # Headless Chromium reports no mouse; hover styles would be off.
    "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4",
]  # fmt: skip
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
OUTPUT = Path(__file__).parent / "output"
DEMO = ("demo@kapture.local", "kapture-demo")
# Machines that run these tests are shared: what must be quick is measured, the rest may take its time.
expect.set_options(timeout=20_000)


def reload_until(page: Page, wanted: Locator) -> None:
    """Wait for what work behind a page that does not move by itself brings to it."""
    for _ in range(60):
        if wanted.count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(wanted.first).to_be_visible()


def wait_until_played(film: Locator, seconds: float) -> None:
    """Wait until a player is that far; asked from outside, since the page's policy lets nobody evaluate text in it."""
    for _ in range(600):
        if film.evaluate("film => film.currentTime") > seconds:
            return
        film.page.wait_for_timeout(100)
    raise AssertionError(f"the player did not come to {seconds} s")


@pytest.fixture(scope="session")
def instance() -> Iterator[Instance]:
    """The product, as `make run` starts it."""
    with open_folder() as home:
        running = Instance(home, APIFY_RUN_SECONDS="60")
        running.start()
        yield running
        running.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    assert CHROMIUM, "no Chromium: install Debian's chromium or set CHROMIUM=path"
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


class Visitor:
    """A browser context that remembers what went wrong in it."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context = context
        self.base = base
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self._hear(said.type, said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"{kind}: {text}")

    def go(self, path: str) -> Page:
        """Open a page of the instance."""
        self.page.goto(self.base + path)
        return self.page

    def sign_in(self, email: str = DEMO[0], password: str = DEMO[1]) -> Page:
        """Sign in through the form."""
        page = self.go("/accounts/login/")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(self.base + "/")
        return page


@pytest.fixture
def visit(instance: Instance, chromium: Browser) -> Iterator[Any]:
    """Makes visitors: `visit(theme="dark", size=PHONE, javascript=False)`; each must leave without complaints."""
    visitors: list[Visitor] = []

    def make(
        *, theme: str = "light", size: dict[str, int] = DESKTOP, javascript: bool = True, touch: bool = False
    ) -> Visitor:
        context = chromium.new_context(
            viewport=size,  # type: ignore[arg-type]
            color_scheme=theme,  # type: ignore[arg-type]
            java_script_enabled=javascript,
            has_touch=touch,
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        visitor = Visitor(context, instance.url)
        visitors.append(visitor)
        return visitor

    yield make
    complaints = [text for visitor in visitors for text in visitor.complaints]
    for visitor in visitors:
        visitor.context.close()
    assert complaints == [], f"{complaints}\n\nThe instance said at last:\n{instance.said()}"
