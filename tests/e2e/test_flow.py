"""The main job as a creator does it: from a keyword to a played download, a written board, and finding it again."""

import json
import re
import urllib.error
import urllib.request
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.conftest import reload_until, wait_until_played
from tests.e2e.instance import Instance

WAIT = 60_000


def scrape(page: Page, keywords: str, *platforms: str) -> None:
    page.keyboard.press("s")
    dialog = page.locator("dialog[open]")
    expect(dialog.get_by_role("heading", name="New scrape")).to_be_visible()
    field = dialog.get_by_role("textbox", name="Keywords")
    expect(field).to_be_focused()
    for word in keywords.split(","):
        page.keyboard.type(word)
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("button", name=f"Remove {word}")).to_be_visible()
    for name in ("YouTube", "TikTok", "Reddit", "X"):
        box = dialog.get_by_role("checkbox", name=name, exact=True)
        box.set_checked(name in platforms, force=True)
    dialog.get_by_role("button", name="Scrape", exact=True).click()


def test_from_a_keyword_to_a_board(visit: Any, instance: Instance) -> None:
    visitor = visit()
    page = visitor.sign_in()

    visitor.go("/trends/")
    scrape(page, "ceramic studio,glaze", "YouTube", "TikTok")
    expect(page.get_by_text(re.compile("ceramic studio, glaze")).first).to_be_visible()
    page.wait_for_timeout(500)
    expect(page.locator("[data-live$='.bar']")).to_have_count(0, timeout=WAIT)

    visitor.go("/trends/?platform=youtube&q=ceramic")
    boxes = page.get_by_role("checkbox", name=re.compile("^Select "))
    expect(boxes.first).to_be_attached()
    title = page.locator("article h3, article h2").first.inner_text()
    boxes.first.check(force=True)
    page.get_by_role("button", name="Download").last.click()
    dialog = page.locator("dialog[open]")
    expect(dialog.get_by_text("Costs 1 download")).to_be_visible()
    dialog.get_by_role("button", name="Download").click()
    page.wait_for_url("**/downloads/**")

    visitor.go("/downloads/?tab=completed")
    row = page.get_by_role("link", name=title).first
    reload_until(page, row)
    row.click()
    expect(page.get_by_text("SHA-256", exact=True)).to_be_visible()
    video = page.locator("video")
    expect(video).to_be_visible()
    video.evaluate("video => { video.muted = true; return video.play(); }")
    wait_until_played(video, 0.2)
    assert video.evaluate("video => video.duration") > 1

    visitor.go("/trends/?q=ceramic")
    boxes = page.get_by_role("checkbox", name=re.compile("^Select "))
    boxes.nth(0).check(force=True)
    boxes.nth(1).check(force=True)
    page.get_by_role("button", name=re.compile("board")).last.click()
    page.get_by_label("What should it be about").fill("A quiet glaze series")
    page.get_by_role("button", name="Draft the board").click()
    editor = page.locator(".ProseMirror")
    expect(editor).to_be_visible(timeout=WAIT)
    expect(editor.get_by_role("heading", name="Hooks")).to_be_visible()

    page.get_by_role("button", name="Hooks", exact=True).click()
    insert = page.get_by_role("button", name="Insert").first
    expect(insert).to_be_visible(timeout=WAIT)
    insert.click()
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Ends with a kiln opening.")
    expect(page.get_by_text("Saved", exact=True).first).to_be_visible()
    page.wait_for_timeout(1500)
    expect(page.get_by_text("Saved", exact=True).first).to_be_visible()
    page.reload()
    expect(page.get_by_text("Ends with a kiln opening.").first).to_be_visible()

    visitor.go("/library/?q=kiln")
    expect(page.get_by_role("main").get_by_text(re.compile("quiet glaze", re.IGNORECASE)).first).to_be_visible()
    visitor.go("/library/?q=ceramic&type=download")
    expect(page.get_by_role("main").get_by_text(title).first).to_be_visible()

    visitor.go("/usage/")
    expect(page.get_by_role("main").get_by_text("ceramic studio, glaze").first).to_be_visible()
    assert json.loads(instance.manage("verify_invariants"))["broken"] == {}


def test_signing_up_and_reaching_a_limit_on_both_faces(visit: Any, instance: Instance) -> None:
    visitor = visit()
    page = visitor.go("/accounts/signup/")
    page.get_by_label("E-mail").fill("new@example.com")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Look into your inbox")).to_be_visible()
    page.get_by_role("link", name="mailbox").click()
    page.get_by_role("link", name="Confirm your e-mail address").first.click()
    page.get_by_role("link", name=re.compile("confirm-email")).click()
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(instance.url + "/")

    key = instance.manage("issue_api_key", "new@example.com")

    def call(path: str, body: object) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        request = urllib.request.Request(instance.url + path, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    wanted = {"platforms": ["youtube", "tiktok", "reddit", "x"], "keywords": ["zzz nothing"], "limit": 1}
    for _ in range(5):
        assert call("/api/trends/bulk-scrape", wanted)[0] == 202
    status, answer = call("/api/trends/scrape", {"platform": "x", "keywords": ["a"]})
    assert (status, answer["error"]["code"], answer["error"]["details"]["remaining"]) == (403, "USAGE_EXCEEDED", 0)

    visitor.go("/trends/scrape/")
    page.get_by_label("Keywords").fill("one more")
    page.get_by_role("button", name="Scrape", exact=True).click()
    expect(page.get_by_role("heading", name="You have reached a limit of your plan")).to_be_visible()
    visitor.complaints.clear()  # the browser reports the 403 itself

    page.goto(instance.url + "/")
    page.get_by_role("button", name=re.compile("new@example.com")).click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")


def test_the_core_works_without_javascript(visit: Any, instance: Instance) -> None:
    visitor = visit(javascript=False)
    page = visitor.sign_in()
    visitor.go("/trends/scrape/")
    page.get_by_label("Keywords").fill("paper lamps")
    page.get_by_role("button", name="Scrape", exact=True).click()
    expect(page.get_by_text("paper lamps").first).to_be_visible()
    visitor.go("/trends/?q=paper+lamps&platform=youtube")
    reload_until(page, page.locator("article h3, article h2"))
    page.get_by_role("checkbox", name=re.compile("^Select ")).first.check(force=True)
    page.get_by_role("button", name="Download").last.click()
    page.get_by_role("main").get_by_role("button", name="Download").first.click()
    expect(page.get_by_role("heading", name="Downloads")).to_be_visible()
    visitor.go("/ideaboards/")
    page.get_by_role("button", name="New board").click()
    body = page.locator("textarea").first
    body.fill("## Kept without a script\n\nPlain *Markdown*.")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Kept without a script").first).to_be_visible()
