"""The pages: what they show, what they refuse, and that they work without scripts."""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from billing.models import Reservation
from ideaboards import services
from ideaboards.models import Generation, Ideaboard
from ideaboards.specs import BoardChanges, WritingSpec
from kapture.core.ids import new_id
from kapture.jobs.models import Job
from kapture.sandbox.control import Control
from tests.ideaboards.conftest import captured
from tests.ideaboards.test_boards import body, cite
from trends.models import Trend

HTMX = {"HX-Request": "true"}


@pytest.fixture
def board(alice: User, trends: list[Trend]) -> Ideaboard:
    text = body("Cut the intro ", cite(trends[0]))
    return services.create_board(alice, BoardChanges("Hooks <b>", body=text, version=0), sources=trends)


def url(name: str, *args: Any) -> str:
    return reverse(f"ideaboards:{name}", args=args)


def page(answer: Any) -> str:
    text: str = answer.content.decode()
    return text


def test_the_list_shows_cards_and_a_fragment_of_them(browser: Client, board: Ideaboard) -> None:
    whole = page(browser.get(url("list")))
    assert "Hooks &lt;b&gt;" in whole
    assert "3 sources" in whole
    assert "<html" not in page(browser.get(url("list"), headers=HTMX))


def test_filters_narrow_the_list_and_nonsense_is_ignored(browser: Client, alice: User, board: Ideaboard) -> None:
    services.create_board(alice, BoardChanges("Second", tags=("studio",), version=0))

    def titles(query: str) -> set[str]:
        return set(re.findall(r">(Hooks|Second)", page(browser.get(f"{url('list')}?{query}", headers=HTMX))))

    assert titles("") == {"Hooks", "Second"}
    assert titles("q=second") == {"Second"}
    assert titles("q=sec+on") == set()
    assert titles("q=sec") == {"Second"}
    assert titles("q=%27%3A*%20%26%20!") == set()
    assert titles("tag=studio") == {"Second"}
    assert titles("state=archived") == set()
    assert titles("state=nonsense&sort=nonsense") == {"Hooks", "Second"}
    assert browser.get(f"{url('list')}?page=0").status_code == 400


def test_an_empty_list_shows_two_ways_to_begin(browser: Client) -> None:
    text = page(browser.get(url("list")))
    assert "No boards yet" in text
    assert url("draft") in text
    assert url("create") in text


def test_the_list_takes_the_same_queries_for_few_and_many(browser: Client, alice: User, trends: list[Trend]) -> None:
    browser.get(url("list"))
    counts = []
    for _ in range(2):
        for number in range(8):
            services.create_board(alice, BoardChanges(f"Board {number}", version=0), sources=trends)
        with CaptureQueriesContext(connection) as queries:
            browser.get(url("list"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_board_is_painted_on_the_server(browser: Client, board: Ideaboard, trends: list[Trend]) -> None:
    text = page(browser.get(url("detail", board.pk)))

    assert '<p>Cut the intro <a class="cite" href="/trends/' in text
    assert "Hooks &lt;b&gt;" in text
    assert "Hooks <b>" not in text
    assert "[^1]" in text
    assert json.loads(re.findall(r'id="board-body"[^>]*>(.*?)</script>', text)[0]) == board.body
    assert text.count("<h1") == 1
    assert "style=" not in text.replace("data-style=", "")


def test_a_board_takes_the_same_queries_for_few_and_many_ideas(
    openai: Control, browser: Client, alice: User, board: Ideaboard
) -> None:
    counts = []
    browser.get("/live/")  # the first request of a session is noted
    for _ in range(2):
        for _ in range(3):
            services.generate(alice, WritingSpec(Generation.Kind.HOOK, board_id=board.pk))
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(url("detail", board.pk)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("tab", "words"), [("assist", "Grounded in"), ("references", "point here"), ("history", "Now")]
)
def test_the_panel_has_three_tabs(browser: Client, board: Ideaboard, tab: str, words: str) -> None:
    path = f"{url('detail', board.pk)}?tab={tab}"
    assert words in page(browser.get(path))
    fragment = page(browser.get(path, headers=HTMX))
    assert words in fragment
    assert "<html" not in fragment


def test_without_scripts_a_board_is_saved_as_markdown(browser: Client, board: Ideaboard) -> None:
    fields = {"title": "New", "markdown": "Cut **the** intro [^2]", "version": 1}
    answer = browser.post(url("save", board.pk), fields)

    assert answer.status_code == 302
    board.refresh_from_db()
    assert (board.title, board.body_text, board.version) == ("New", "Cut the intro ", 2)
    assert browser.post(url("save", board.pk), fields).status_code == 409


def test_saving_unchanged_markdown_keeps_what_markdown_cannot_say(browser: Client, alice: User) -> None:
    tree = {"type": "doc", "content": [{"type": "paragraph"}, *body("Text")["content"]]}
    board = services.create_board(alice, BoardChanges("A", body=tree, version=0))
    text = page(browser.get(url("detail", board.pk)))
    shown = re.findall(r'<textarea[^>]*name="markdown"[^>]*>(.*?)</textarea>', text, re.DOTALL)[0]

    browser.post(url("save", board.pk), {"title": "B", "markdown": shown.replace("\n", "\r\n"), "version": 1})

    board.refresh_from_db()
    assert (board.title, board.body) == ("B", tree)


def test_without_scripts_ideas_are_written_and_inserted(openai: Control, browser: Client, board: Ideaboard) -> None:
    answer = browser.post(url("generate", board.pk), {"kind": "title", "prompt": "lamps", "tone": "warm"})

    assert answer.status_code == 302
    generation = Generation.objects.get()
    text = page(browser.get(answer["Location"].partition("#")[0]))
    assert "lamps" in text
    assert "No reference supports this line." in text or generation.lines[-1]["supported"]
    assert browser.post(url("insert", board.pk, generation.pk)).status_code == 302
    board.refresh_from_db()
    assert board.version == 2
    assert generation.lines[0]["text"] in board.body_text


def test_a_failed_idea_says_why_and_that_it_was_free(openai: Control, browser: Client, board: Ideaboard) -> None:
    openai.fault("status", status=401)

    answer = browser.post(url("generate", board.pk), {"kind": "hook"})

    assert answer.status_code == 502
    assert "refused the API key" in page(answer)
    assert "Nothing was charged." in page(browser.get(url("detail", board.pk)))


def test_the_card_of_an_idea_brings_the_price_along(openai: Control, browser: Client, board: Ideaboard) -> None:
    generation = services.generate(board.owner, WritingSpec(Generation.Kind.HOOK, board_id=board.pk))

    text = page(browser.get(url("idea", board.pk, generation.pk)))

    assert 'data-state="completed"' in text
    assert "19 of 20 left" in text
    nodes = re.findall(r'data-insert="(.*?)"', text)[0].replace("&quot;", '"').replace("&#x27;", "'")
    assert json.loads(nodes)[0]["type"] == "bulletList"


def test_without_a_provider_the_panel_says_what_to_set(browser: Client, board: Ideaboard, settings: Any) -> None:
    settings.OPENAI_API_KEY = ""

    text = page(browser.get(url("detail", board.pk)))

    assert "OPENAI_API_KEY" in text
    assert "OPENAI_API_KEY" in page(browser.get(url("draft")))


def test_at_the_limit_the_page_says_so(openai: Control, browser: Client, alice: User, board: Ideaboard) -> None:
    for _ in range(20):
        services.generate(alice, WritingSpec(Generation.Kind.HASHTAGS, board_id=board.pk))

    assert "are used" in page(browser.get(url("detail", board.pk)))
    answer = browser.post(url("generate", board.pk), {"kind": "hook"})
    assert answer.status_code == 403
    assert "limit of your plan" in page(answer)


def test_a_draft_shows_its_price_and_starts_a_job(openai: Control, browser: Client, trends: list[Trend]) -> None:
    query = "&".join(f"trend={trend.pk}" for trend in trends[:2])
    form = page(browser.get(f"{url('draft')}?{query}"))
    assert form.count("checked") == 2
    assert "Costs 1 AI generation, 20 of 20 left" in form
    assert "<html" not in page(browser.get(f"{url('draft')}?{query}", headers=HTMX))

    answer = browser.post(url("draft"), {"topic": "light", "tone": "warm", "trend": [str(trends[0].pk)]})

    job = Job.objects.get()
    assert answer["Location"] == url("drafting", job.pk)
    assert "Drafting your board" in page(browser.get(answer["Location"]))
    assert Reservation.objects.get().source_id == job.pk
    Job.objects.update(state="completed", result={"boardId": str(new_id())})
    assert browser.get(answer["Location"]).status_code == 302
    assert "HX-Redirect" in browser.get(answer["Location"], headers=HTMX)


def test_a_draft_without_anything_to_start_from_is_shown_again(openai: Control, browser: Client, bob: User) -> None:
    for fields in ({}, {"trend": ["nonsense"]}, {"trend": [str(captured(bob).pk)]}):
        answer = browser.post(url("draft"), fields)
        assert answer.status_code == 422
    assert not Job.objects.exists()


def test_states_tags_and_deletion(browser: Client, board: Ideaboard) -> None:
    browser.post(url("state", board.pk), {"state": "archived"})
    browser.post(url("tag", board.pk), {"tag": "#Studio"})
    browser.post(url("tag", board.pk), {"tag": "lamp"})
    fragment = page(browser.post(url("tag", board.pk), {"tag": "lamp", "remove": "on"}, headers=HTMX))
    board.refresh_from_db()
    assert (board.state, board.tags, board.version) == ("archived", ["Studio"], 1)
    assert "#Studio" in fragment
    assert "lamp" not in fragment

    assert browser.post(url("delete", board.pk))["Location"] == url("list")
    assert not Ideaboard.objects.exists()


def test_an_earlier_version_is_shown_and_restored(browser: Client, alice: User, board: Ideaboard) -> None:
    services.save_board(alice, board.pk, BoardChanges(body=body("Second"), version=1))

    assert "Cut the intro" in page(browser.get(url("version", board.pk, 1)))
    browser.post(url("restore", board.pk, 1), {"version": 2})

    board.refresh_from_db()
    assert board.body_text == "Cut the intro "


def test_a_blank_board_is_opened(browser: Client) -> None:
    answer = browser.post(url("create"))
    board = Ideaboard.objects.get()
    assert answer["Location"] == url("detail", board.pk)
    assert (board.title, board.colour in dict(Ideaboard._meta.get_field("colour").choices or ())) == (
        "Untitled board",
        True,
    )


def test_the_sidebar_names_the_latest_boards(browser: Client, board: Ideaboard) -> None:
    text = page(browser.get(url("list")))
    sidebar = text.partition('id="nav-boards"')[2].partition("</nav>")[0]
    assert "Hooks &lt;b&gt;" in sidebar
    assert url("detail", board.pk) in sidebar


def _paths(board: UUID, generation: UUID) -> list[tuple[str, str]]:
    return [
        ("get", url("detail", board)),
        ("get", url("version", board, 1)),
        ("get", url("idea", board, generation)),
        ("get", url("drafting", generation)),
        ("post", url("save", board)),
        ("post", url("tag", board)),
        ("post", url("state", board)),
        ("post", url("delete", board)),
        ("post", url("generate", board)),
        ("post", url("insert", board, generation)),
        ("post", url("restore", board, 1)),
    ]


FIELDS = {"title": "x", "markdown": "x", "version": "1", "tag": "x", "state": "draft", "kind": "hook"}


def test_somebody_elses_board_looks_missing_everywhere(
    openai: Control, stranger: Client, alice: User, board: Ideaboard
) -> None:
    generation = services.generate(alice, WritingSpec(Generation.Kind.HOOK, board_id=board.pk))
    before = Ideaboard.objects.get()
    for (method, theirs), (_, missing) in zip(_paths(board.pk, generation.pk), _paths(new_id(), new_id()), strict=True):
        send: Callable[..., Any] = getattr(stranger, method)
        found, absent = send(theirs, FIELDS), send(missing, FIELDS)
        assert (found.status_code, absent.status_code) == (404, 404), theirs
    after = Ideaboard.objects.get()
    assert (before.version, before.title, before.tags) == (after.version, after.title, after.tags)
    assert Reservation.objects.count() == 1


def test_pages_are_for_people_who_signed_in(db: None, client: Client) -> None:
    for method, path in [
        *_paths(new_id(), new_id()),
        ("get", url("list")),
        ("get", url("draft")),
        ("post", url("create")),
    ]:
        answer = getattr(client, method)(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("save", {"title": "", "markdown": "x", "version": 1}),
        ("save", {"title": "x" * 201, "markdown": "x", "version": 1}),
        ("save", {"title": "x", "markdown": "x", "version": "many"}),
        ("save", {"title": "x", "markdown": "x\x00", "version": 1}),
        ("save", {"title": "x", "markdown": "word " * 50_000, "version": 1}),
        ("tag", {"tag": ""}),
        ("tag", {"tag": "#"}),
        ("tag", {"tag": "x" * 60}),
        ("state", {"state": "gone"}),
        ("state", {"colour": "mauve"}),
        ("generate", {"kind": "ideaboard"}),
        ("generate", {"kind": "hook", "prompt": "x" * 1001}),
        ("generate", {"kind": "hook", "tone": "evil"}),
    ],
)
def test_wrong_input_is_refused_and_changes_nothing(
    openai: Control, browser: Client, board: Ideaboard, name: str, fields: dict[str, Any]
) -> None:
    answer = browser.post(url(name, board.pk), fields)

    assert answer.status_code == 400
    board.refresh_from_db()
    assert (board.version, board.tags, board.state) == (1, [], "draft")
    assert not Generation.objects.exists()
