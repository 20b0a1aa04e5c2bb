"""Pages around keeping: bulk actions with undo, labels of a trend, categories and views, with and without scripts."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ideaboards.models import BoardSource, Ideaboard
from ideaboards.services import create_board
from ideaboards.specs import BoardChanges
from kapture.core.ids import new_id
from kapture.jobs.models import Job
from tests.library.things import download
from tests.trends.conftest import Capture, make_post
from trends import keeping, shelves
from trends.models import Alert, Category, Change, Rule, SavedView, Snapshot, Trend, Watch, WatchTrend

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def read(client: Client, path: str = "", status: int = 200, **headers: str) -> str:
    answer = client.get(f"/trends/{path}", headers=headers)
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


def triggers(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(answer["HX-Trigger"])
    return found


@pytest.fixture
def ids(alice: User, capture: Capture) -> list[str]:
    capture(alice, *(make_post(title=f"Lamp {n}") for n in range(3)))
    return [str(pk) for pk in Trend.objects.order_by("title").values_list("pk", flat=True)]


def shown(html: str) -> list[str]:
    return [f"Lamp {n}" for n in range(3) if f">Lamp {n}</a>" in html]


class TestBulk:
    """What is done to ticked trends."""

    def test_deleting_asks_nothing_and_can_be_undone(self, browser: Client, ids: list[str]) -> None:
        answer = browser.post("/trends/bulk/", {"ids": ids[:2], "action": "delete"}, headers=HTMX)
        told = triggers(answer)
        assert (answer.status_code, answer.content) == (204, b"")
        assert "trends-changed" in told
        assert told["toast"]["text"] == "2 trends deleted."
        assert shown(read(browser)) == ["Lamp 2"]
        undone = browser.post(told["toast"]["undo"]["url"], headers=HTMX)
        assert triggers(undone)["toast"]["text"] == "2 trends restored."
        assert "trends-changed" in triggers(undone)
        assert len(shown(read(browser))) == 3
        assert (
            "nothing to take back"
            in triggers(browser.post(told["toast"]["undo"]["url"], headers=HTMX))["toast"]["text"]
        )

    def test_it_works_without_scripts(self, browser: Client, ids: list[str]) -> None:
        list_page = "http://testserver/trends/?sort=-views"
        answer = browser.post("/trends/bulk/", {"ids": ids[:1], "action": "delete"}, headers={"Referer": list_page})
        assert (answer.status_code, answer["Location"]) == (302, "/trends/?sort=-views")
        html = read(browser, "?sort=-views")
        assert "1 trend deleted." in html
        undo = f"/trends/changes/{Change.objects.get().pk}/undo/"
        assert f'action="{undo}"' in html
        assert browser.post(undo, headers={"Referer": list_page})["Location"] == "/trends/?sort=-views"
        assert len(shown(read(browser))) == 3

    def test_nothing_left_to_delete_is_said(self, browser: Client, ids: list[str]) -> None:
        browser.post("/trends/bulk/", {"ids": ids, "action": "delete"})
        assert browser.post("/trends/bulk/", {"ids": ids, "action": "delete"}).status_code == 400

    def test_tags_are_asked_for_and_saved(self, alice: User, browser: Client, ids: list[str]) -> None:
        keeping.tag_trends(alice, ids[2:], add=["hook"])
        keeping.tag_trends(alice, ids[:1], add=["worn"])
        for headers, begin in (({}, "<!doctype"), (HTMX, '<div class="dialog-head">')):
            html = browser.post("/trends/bulk/", {"ids": ids[:2], "action": "tag"}, headers=headers).content.decode()
            assert html.lstrip().startswith(begin)
            assert 'name="use" value="hook"' in html
            assert 'name="remove" value="worn"' in html
        form = {"ids": ids[:2], "add": "b-roll, To do", "use": ["hook"], "remove": ["worn"]}
        told = triggers(browser.post("/trends/tag/", form, headers=HTMX))
        assert {"close-modal", "trends-changed", "toast"} <= set(told)
        assert [row.tags for row in Trend.objects.order_by("title")] == [
            ["b-roll", "hook", "To do"], ["b-roll", "hook", "To do"], ["hook"],
        ]  # fmt: skip
        html = read(browser)
        assert html.count("b-roll</span>") == 2
        assert '<option value="hook">hook (3)</option>' in html

    @pytest.mark.parametrize(
        "wrong", [{"add": "x" * 60}, {"use": "unknown"}, {"add": ",".join(f"t{n}" for n in range(21))}]
    )
    def test_wrong_tags_come_back_with_the_reason(self, browser: Client, ids: list[str], wrong: dict[str, Any]) -> None:
        answer = browser.post("/trends/tag/", {"ids": ids, **wrong}, headers=HTMX)
        assert answer.status_code == 422
        assert b"field-error" in answer.content or b"error-summary" in answer.content
        assert not Change.objects.exists()

    def test_a_full_trend_is_named(self, alice: User, browser: Client, ids: list[str]) -> None:
        keeping.tag_trends(alice, ids[:1], add=[f"t{n}" for n in range(20)])
        answer = browser.post("/trends/tag/", {"ids": ids, "add": "one more"})
        assert (answer.status_code, b"at most 20 tags; 1 would hold more" in answer.content) == (422, True)

    def test_trends_move_to_a_category(self, alice: User, browser: Client, ids: list[str]) -> None:
        shelves.add_category(alice, "Desks")
        html = browser.post("/trends/bulk/", {"ids": ids, "action": "category"}, headers=HTMX).content.decode()
        assert 'value="Desks"' in html
        told = triggers(browser.post("/trends/move/", {"ids": ids[:2], "new": "Lights"}, headers=HTMX))
        assert told["toast"]["text"] == "2 trends moved to Lights."
        lights = Category.objects.get(name="Lights")
        assert shown(read(browser, f"?category={lights.pk}")) == ["Lamp 0", "Lamp 1"]
        browser.post("/trends/move/", {"ids": ids[:2], "category": "Desks"})
        told = triggers(browser.post("/trends/move/", {"ids": ids[:1], "category": ""}, headers=HTMX))
        assert told["toast"]["text"] == "1 trend taken off their category."
        assert Trend.objects.filter(category__name="Desks").count() == 1

    @pytest.mark.parametrize("wrong", [{}, {"category": "Unknown"}, {"new": "x" * 61}])
    def test_no_category_is_no_answer(self, browser: Client, ids: list[str], wrong: dict[str, Any]) -> None:
        assert browser.post("/trends/move/", {"ids": ids, **wrong}).status_code == 422
        assert not Change.objects.exists()

    def test_a_full_house_of_categories_is_told(
        self, browser: Client, ids: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shelves, "MAX_CATEGORIES", 0)
        answer = browser.post("/trends/move/", {"ids": ids, "new": "One"})
        assert (answer.status_code, b"There is room for 0 categories" in answer.content) == (422, True)

    @pytest.mark.parametrize("action", ["delete", "tag", "category", "download", "board"])
    def test_too_many_at_once_are_refused_and_not_cut(self, browser: Client, ids: list[str], action: str) -> None:
        many = [*ids, *(str(new_id()) for _ in range(98))]
        assert browser.post("/trends/bulk/", {"ids": many, "action": action}).status_code == 400

    @pytest.mark.parametrize(("action", "most"), [("download", 50), ("board", 20)])
    def test_each_action_has_its_own_most(
        self, alice: User, browser: Client, capture: Capture, action: str, most: int
    ) -> None:
        capture(alice, *(make_post() for _ in range(most + 1)))
        ids = [str(pk) for pk in Trend.objects.values_list("pk", flat=True)]
        assert browser.post("/trends/bulk/", {"ids": ids, "action": action}).status_code == 400
        assert browser.post("/trends/bulk/", {"ids": ids[:most], "action": action}).status_code in (200, 302)


class TestLabels:
    """Tags and category on the page of a trend."""

    def test_they_are_shown_and_saved(self, alice: User, browser: Client, ids: list[str]) -> None:
        keeping.tag_trends(alice, ids[:1], add=["old", "kept"])
        keeping.move_trends(alice, ids[:1], "Desks")
        html = read(browser, f"{ids[0]}/")
        assert 'value="kept, old"' in html
        assert 'value="Desks"' in html
        answer = browser.post(f"/trends/{ids[0]}/labels/", {"tags": "kept, new", "category": "Lights"}, follow=True)
        assert "Tags and category saved." in answer.content.decode()
        row = Trend.objects.get(pk=ids[0])
        assert (row.tags, row.category.name if row.category else "") == (["kept", "new"], "Lights")

    def test_one_change_can_be_undone_from_the_message(self, browser: Client, ids: list[str]) -> None:
        html = browser.post(f"/trends/{ids[0]}/labels/", {"tags": "a"}, follow=True).content.decode()
        assert f'action="/trends/changes/{Change.objects.get().pk}/undo/"' in html

    def test_nothing_new_is_said_so(self, browser: Client, ids: list[str]) -> None:
        html = browser.post(f"/trends/{ids[0]}/labels/", {"tags": ""}, follow=True).content.decode()
        assert "Nothing was changed." in html

    @pytest.mark.parametrize("wrong", [{"tags": "x" * 60}, {"category": "x" * 61}])
    def test_what_is_refused_changes_nothing(self, browser: Client, ids: list[str], wrong: dict[str, str]) -> None:
        answer = browser.post(f"/trends/{ids[0]}/labels/", {"tags": "fine", **wrong}, follow=True)
        assert 'data-tone="bad"' in answer.content.decode()
        assert not Change.objects.exists()

    def test_both_or_neither(self, browser: Client, ids: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shelves, "MAX_CATEGORIES", 0)
        answer = browser.post(f"/trends/{ids[0]}/labels/", {"tags": "a", "category": "New"}, follow=True)
        assert "There is room for 0 categories" in answer.content.decode()
        assert Trend.objects.get(pk=ids[0]).tags == []

    def test_deleting_leads_to_the_list_with_a_way_back(self, browser: Client, ids: list[str]) -> None:
        form = {"ids": ids[:1], "action": "delete", "next": "/trends/"}
        html = browser.post("/trends/bulk/", form, follow=True).content.decode()
        assert "1 trend deleted." in html
        assert read(browser, f"{ids[0]}/", 404)


class TestShelves:
    """Categories, saved views and the last changes."""

    def test_categories_are_made_renamed_and_deleted(self, alice: User, browser: Client, ids: list[str]) -> None:
        assert "No category yet" in read(browser, "categories/")
        assert browser.post("/trends/categories/", {"name": "Lights"}).status_code == 302
        made = Category.objects.get()
        keeping.move_trends(alice, ids, "Lights")
        assert "3 trends" in read(browser, "categories/")
        assert browser.post("/trends/categories/", {"name": "LIGHTS"}).status_code == 422
        assert browser.post("/trends/categories/", {"name": ""}).status_code == 422
        html = browser.post(f"/trends/categories/{made.pk}/", {"name": "Lamps"}, follow=True).content.decode()
        assert 'value="Lamps"' in html
        html = browser.post(f"/trends/categories/{made.pk}/", {"name": " "}, follow=True).content.decode()
        assert "A name is needed." in html
        browser.post(f"/trends/categories/{made.pk}/delete/")
        assert not Category.objects.exists()
        assert len(shown(read(browser))) == 3

    def test_a_filter_becomes_a_tab(self, browser: Client, ids: list[str]) -> None:
        assert "Save this view" not in read(browser)
        assert "Save this view" in read(browser, "?q=lamp&sort=-views&layout=list")
        dialog = read(browser, "views/?q=lamp&sort=-views", **HTMX)
        assert 'hx-post="/trends/views/?q=lamp&amp;sort=-views"' in dialog
        answer = browser.post("/trends/views/?q=lamp&sort=-views&period=", {"name": "Lamps"})
        assert answer["Location"] == "/trends/?q=lamp&sort=-views"
        assert browser.post("/trends/views/?q=lamp", {"name": ""}, headers=HTMX).status_code == 422
        html = read(browser, "?sort=-views&q=lamp")
        assert '<a class="trends-tab" href="/trends/?q=lamp&amp;sort=-views" aria-current="page">Lamps</a>' in html
        assert "Save this view" not in html
        browser.post(f"/trends/views/{SavedView.objects.get().pk}/delete/")
        assert "Lamps</a>" not in read(browser)

    def test_a_full_house_of_views_is_told(
        self, browser: Client, ids: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shelves, "MAX_VIEWS", 0)
        answer = browser.post("/trends/views/?q=lamp", {"name": "Lamps"})
        assert (answer.status_code, b"There is room for 0 views" in answer.content) == (422, True)

    def test_the_last_changes_can_be_taken_back(self, alice: User, browser: Client, ids: list[str]) -> None:
        assert "Nothing was changed" in read(browser, "changes/")
        change = keeping.delete_trends(alice, ids)
        assert change is not None
        assert "Deleted 3 trends" in read(browser, "changes/")
        browser.post(f"/trends/changes/{change.pk}/undo/")
        assert "Taken back" in read(browser, "changes/")

    def test_things_of_others_look_like_nothing(
        self, alice: User, browser: Client, stranger: Client, ids: list[str]
    ) -> None:
        shelf, view = shelves.add_category(alice, "Secret"), shelves.save_view(alice, "Secret", "q=a")
        change = keeping.tag_trends(alice, ids, add=["Secret"])
        assert change is not None
        for path, pk in (
            ("categories/{}/", shelf.pk), ("categories/{}/delete/", shelf.pk), ("views/{}/delete/", view.pk),
            ("changes/{}/undo/", change.pk), ("{}/labels/", ids[0]),
        ):  # fmt: skip
            theirs, missing = (
                stranger.post(f"/trends/{path.format(one)}", {"name": "Mine"}, headers={"X-Request-Id": "same"})
                for one in (pk, new_id())
            )
            assert (theirs.status_code, missing.status_code) == (404, 404)
            assert len(theirs.content) == len(missing.content)
            assert b"Secret" not in theirs.content
        for path in ("", "categories/", "changes/"):
            assert "Secret" not in read(stranger, path)


class TestList:
    """The list around its cards."""

    def test_chips_name_what_the_bar_does_not_show(self, alice: User, browser: Client, ids: list[str]) -> None:
        keeping.tag_trends(alice, ids[:1], add=["b-roll"])
        keeping.move_trends(alice, ids[:1], "Lights")
        shelf = Category.objects.get()
        html = read(browser, f"?tag=B-ROLL&category={shelf.pk}")
        assert shown(html) == ["Lamp 0"]
        assert "Tagged B-ROLL" in html
        assert "In Lights" in html
        assert f'<option value="{shelf.pk}" selected>Lights</option>' in html
        watch = new_id()
        html = read(browser, f"?watch={watch}&category={new_id()}")
        assert "Met by one watch" in html
        assert "In a deleted category" in html
        assert f'<input type="hidden" form="trends-filter" name="watch" value="{watch}">' in html

    def test_a_list_that_is_fetched_again_is_as_long_as_it_was(
        self, alice: User, browser: Client, capture: Capture
    ) -> None:
        capture(alice, *(make_post(author_handle=f"a{n % 7}") for n in range(60)))
        first = read(browser)
        assert 'id="trends-shown" type="hidden" name="shown" value="24"' in first
        assert 'hx-include="#trends-shown"' in first
        more = first.split('id="trends-more"')[1].split('href="/trends/')[1].split('"')[0].replace("&amp;", "&")
        rest = read(browser, more, **HTMX, **{"HX-Target": "trends-more"})
        assert 'name="shown" value="48" hx-swap-oob="true"' in rest
        again = read(browser, "?shown=48", **HTMX)
        assert again.count("<article") == 48
        assert read(browser, "?shown=100000").count("<article") == 60
        assert read(browser, "?shown=x").count("<article") == 24

    def test_a_list_without_cards_has_no_length_to_tell(self, alice: User, browser: Client, capture: Capture) -> None:
        assert "trends-shown" not in read(browser)
        capture(alice, make_post())
        assert "trends-shown" not in read(browser, "?q=nothing")

    def test_what_is_new_counts_under_the_filter_of_the_page(
        self, alice: User, browser: Client, capture: Capture
    ) -> None:
        since = timezone.now() - timedelta(seconds=5)
        capture(alice, make_post(title="Lamp"), make_post(title="Desk", author_name="Oak", author_handle="oak"))
        path = f"status/?since={since.isoformat().replace('+', '%2B')}"
        assert "2 new, show" in read(browser, path, **HTMX)
        here = {"HX-Current-URL": "http://testserver/trends/?q=desk"}
        assert "1 new, show" in read(browser, path, **HTMX, **here)
        assert "new, show" not in read(browser, path, **HTMX, **{"HX-Current-URL": "http://testserver/trends/?q=none"})
        assert "2 new, show" in read(browser, path, **HTMX, **{"HX-Current-URL": "http://["})

    def test_the_same_queries_for_ten_and_a_hundred_kept_trends(
        self, alice: User, browser: Client, capture: Capture, django_assert_max_num_queries: Any
    ) -> None:
        counted = []
        for more in (10, 90):
            capture(alice, *(make_post(author_handle=f"a{n % 7}") for n in range(more)))
            pks = list(Trend.objects.values_list("pk", flat=True))
            keeping.tag_trends(alice, pks, add=["hook"])
            keeping.move_trends(alice, pks, "Lights")
            read(browser, "?tag=hook")
            with django_assert_max_num_queries(20) as context:
                read(browser, "?tag=hook")
            counted.append(len(context.captured_queries))
        assert counted[0] == counted[1]


def test_the_page_of_a_trend_tells_where_it_came_from_and_what_came_of_it(
    alice: User, browser: Client, ids: list[str]
) -> None:
    now = timezone.now()
    trend = Trend.objects.get(pk=ids[0])
    watch = Watch.objects.create(
        owner=alice, name="Lamps weekly", platforms=["youtube"], keywords=["lamp"], limit=10, seen_at=now
    )
    WatchTrend.objects.create(watch=watch, trend=trend, at=now)
    rule = Rule.objects.create(watch=watch, metric="multiple", at_least=5)
    Alert.objects.create(owner=alice, rule=rule, trend=trend, raised_at=now, value=6, reach=1_000)
    for hours in (2, 1):
        Snapshot.objects.create(trend=trend, at=now - timedelta(hours=hours), views=100, reach=100)
    media = download(alice, "Lamp clip", trend=trend, completed_at=now - timedelta(minutes=90))
    board = Ideaboard.objects.create(owner=alice, title="Light ideas")
    BoardSource.objects.create(board=board, trend=trend, key=trend.pk, n=1)

    html = read(browser, f"{trend.pk}/")

    for address, words in (
        (f"/trends/?watch={watch.pk}", "Lamps weekly"),
        (f"/downloads/{media.pk}/", "Lamp clip"),
        (f"/ideaboards/{board.pk}/", "Light ideas"),
    ):
        assert f'<a class="truncate" href="{address}">{words}</a>' in html
    assert html.count('class="chart-mark') == 2
    assert "Alert, " in html
    assert "Captured, " in html
    assert "First captured" in html


def test_what_was_made_of_a_trend_does_not_lead_into_the_trash(alice: User, browser: Client, ids: list[str]) -> None:
    trend = Trend.objects.get(pk=ids[0])
    media = download(alice, "Lamp clip", trend=trend, state="failed")
    Job.objects.filter(pk=media.job_id).update(state="failed")
    board = create_board(alice, BoardChanges(title="Light ideas"))
    BoardSource.objects.create(board=board, trend=trend, key=trend.pk, n=1, title="Lamp 0")
    link = f'href="/trends/{trend.pk}/"'
    for path in (f"/downloads/{media.pk}/", f"/ideaboards/{board.pk}/"):
        assert link in browser.get(path).content.decode()

    change = keeping.delete_trends(alice, [trend.pk])

    assert change is not None
    assert link not in browser.get(f"/downloads/{media.pk}/").content.decode()
    html = browser.get(f"/ideaboards/{board.pk}/").content.decode()
    assert link not in html
    assert "This trend was deleted." in html
