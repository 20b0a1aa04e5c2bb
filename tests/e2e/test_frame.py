"""The frame and the components in a browser: accessible, within the policy, usable by keyboard and without scripts."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.e2e.instance import ROOT, free_port

PAGES = ("components", "overview", "trends", "downloads", "board", "auth", "error")
SIZES = {"desk": (1440, 900), "phone": (390, 844), "small": (320, 700)}
# `preload` would make axe itself load style sheets in a way the policy refuses.
RULES = {"preload": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the served styleguide."""
    port = free_port()
    home = tmp_path_factory.mktemp("guide")
    command = [sys.executable, "-W", "ignore", "-m", "tests.e2e.styleguide", str(port)]
    with Path(home / "log").open("wb") as log:
        running = subprocess.Popen(
            command, cwd=ROOT, env={"PATH": "/usr/bin:/bin", "KAPTURE_HOME": str(home)}, stdout=log, stderr=log
        )
    base = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{base}/styleguide/", timeout=5)
            break
        except (urllib.error.URLError, OSError):
            assert running.poll() is None, (home / "log").read_text()
            time.sleep(0.1)
    yield base
    running.kill()
    running.wait()


@pytest.fixture
def visit(guide: str, chromium: Browser) -> Iterator[Any]:
    """Opens a page of the styleguide; what the console complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            complaints.append(said.text)

    def make(page: str, *, theme: str = "light", size: str = "desk", javascript: bool = True) -> Page:
        width, height = SIZES[size]
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,  # type: ignore[arg-type]
            java_script_enabled=javascript,
            has_touch=size != "desk",
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        opened = context.new_page()
        opened.on("console", hear)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(f"{guide}/styleguide/?page={page}")
        return opened

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def _sound(page: Page) -> None:
    result = Axe().run(page, options=RULES)
    assert result.violations_count == 0, result.generate_report()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_accessible_and_fits(visit: Any, theme: str, size: str) -> None:
    page = visit(PAGES[0], theme=theme, size=size)
    for name in PAGES:
        page.goto(page.url.partition("?")[0] + f"?page={name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], f"{name} scrolls sideways"
        _sound(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_opens_is_accessible(visit: Any, theme: str) -> None:
    page = visit("trends", theme=theme)
    page.get_by_label("Select", exact=False).first.check()
    _sound(page)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search or jump to")).to_be_focused()
    _sound(page)
    page.keyboard.press("Escape")
    page.locator("#main").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    _sound(page)


def test_the_palette_finds_pages_and_goes_there(visit: Any) -> None:
    page = visit("overview")
    page.keyboard.press("Control+k")
    page.keyboard.type("new sc")
    option = page.get_by_role("option", name="New scrape")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_a_theme_is_shown_at_once_and_kept(visit: Any) -> None:
    page = visit("overview")
    page.get_by_role("button", name="Theme").click()
    with page.expect_response("**/preferences/"):
        page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    with page.expect_response("**/preferences/"):
        page.keyboard.press("Control+.")
    expect(page.locator("#sidebar")).to_be_hidden()


def test_a_theme_is_kept_without_scripts(visit: Any) -> None:
    page = visit("overview", javascript=False)
    page.get_by_role("button", name="Theme").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert "page=overview" in page.url


def test_a_selection_shows_its_bar_without_scripts(visit: Any) -> None:
    page = visit("trends", javascript=False)
    bar = page.get_by_role("region", name="Actions on the selection")
    expect(bar).to_be_hidden()
    page.locator("input[name=ids]").nth(2).check()
    expect(bar).to_be_visible()


def test_lists_are_walked_and_selected_by_keys(visit: Any) -> None:
    page = visit("trends")
    boxes = page.locator("input[name=ids]")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("input[name=ids]:checked")).to_have_count(3)
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.keyboard.press("k")
    expect(page.locator("[data-item]").nth(1).locator("[data-open]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("input[name=ids]:checked")).to_have_count(0)
    boxes.nth(1).click()
    boxes.nth(5).click(modifiers=["Shift"])
    expect(page.get_by_text("5 selected")).to_be_visible()
    page.keyboard.press("Control+a")
    expect(page.get_by_text("12 selected")).to_be_visible()


def test_single_keys_can_be_switched_off(visit: Any) -> None:
    page = visit("trends")
    page.locator("#main").focus()
    page.keyboard.press("?")
    with page.expect_response("**/preferences/"):
        page.get_by_role("button", name="Switch off").click()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("[data-item] :focus")).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()


def test_letters_typed_into_a_field_are_letters(visit: Any) -> None:
    page = visit("trends")
    page.keyboard.press("/")
    field = page.get_by_placeholder("Filter by title")
    expect(field).to_be_focused()
    page.keyboard.type("jxg?")
    expect(field).to_have_value("jxg?")
    expect(page.locator("#shortcuts")).to_be_hidden()


def test_keywords_become_tags_and_stay_one_value(visit: Any) -> None:
    page = visit("components")
    field = page.get_by_label("Keywords", exact=True)
    field.fill("lamp")
    field.press("Enter")
    field.fill("HOOKS")
    field.press("Enter")
    sent = page.locator("input[name=keywords]")
    expect(sent).to_have_value("hooks, b-roll, studio tour, lamp")
    page.get_by_role("button", name="Remove b-roll").click()
    field.press("Backspace")
    expect(sent).to_have_value("hooks, studio tour")


def test_live_figures_are_patched_in_place(visit: Any) -> None:
    page = visit("downloads")
    row = page.locator("#s1")
    expect(row.get_by_text("71%")).to_be_visible()
    expect(row.get_by_text("Nearly there")).to_be_visible()
    expect(row.get_by_role("progressbar")).to_have_attribute("value", "71")
    expect(page.locator(".jobs-ring")).to_contain_text("2 running")


def test_a_dialog_opens_and_gives_the_focus_back(visit: Any) -> None:
    page = visit("components")
    opener = page.get_by_role("button", name="Delete with confirm")
    opener.click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("restored for 30 days")
    expect(dialog.get_by_role("button", name="Keep")).to_be_focused()
    dialog.get_by_role("button", name="Keep").click()
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_menu_is_walked_by_arrows(visit: Any) -> None:
    page = visit("components")
    opener = page.get_by_role("button", name="More actions")
    opener.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Download D")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Add to board")).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_a_chart_reads_out_its_table(visit: Any) -> None:
    page = visit("overview")
    plot = page.locator(".chart-svg").bounding_box()
    assert plot
    page.mouse.move(plot["x"] + plot["width"] - 2, plot["y"] + 40)
    last = page.locator(".chart tbody tr").last
    tip = page.locator(".chart-tip")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text(last.locator("th").text_content() or "")
    expect(tip).to_contain_text(last.locator("td").first.text_content() or "")


def test_a_picture_that_fails_becomes_a_tile(visit: Any) -> None:
    page = visit("trends")
    image = page.locator(".trend-media img").first
    image.evaluate("node => { node.src = 'data:image/png;base64,AAAA'; }")
    expect(page.locator(".trend").first.locator(".thumb")).to_have_class("thumb thumb-text")
