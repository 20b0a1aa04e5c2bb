"""Bulk actions, categories, saved views and the filters that go with them, through the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from kapture.core.ids import new_id
from tests.trends.conftest import Capture, make_post
from trends import keeping, shelves
from trends.models import Category, Change, SavedView, Trend, Watch, WatchTrend

pytestmark = pytest.mark.django_db
Api = Callable[[User], Client]


def send(client: Client, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    answer = getattr(client, method)(f"/api/trends{path}", body, content_type="application/json")
    assert answer.status_code == status, answer.content
    if status == 204:
        return None
    return answer.json()["data"] if status < 400 else answer.json()["error"]


def titles(client: Client, query: str) -> list[str]:
    return sorted(row["title"] for row in client.get(f"/api/trends{query}").json()["data"])


@pytest.fixture
def ids(alice: User, capture: Capture) -> list[str]:
    capture(alice, *(make_post(title=f"Lamp {n}", views=1_000 * n) for n in range(1, 4)))
    return [str(pk) for pk in Trend.objects.order_by("title").values_list("pk", flat=True)]


class TestBulk:
    """One thing done to many trends."""

    @pytest.mark.parametrize(
        ("body", "query", "left"),
        [
            ({"action": "delete"}, "", ["Lamp 3"]),
            ({"action": "tag", "tags": ["b-roll"]}, "?tag=B-Roll", ["Lamp 1", "Lamp 2"]),
            ({"action": "category", "category": "Lights"}, "", ["Lamp 1", "Lamp 2", "Lamp 3"]),
        ],
    )
    def test_it_is_done_and_undone(
        self, api: Client, ids: list[str], body: dict[str, Any], query: str, left: list[str]
    ) -> None:
        done = send(api, "post", "/bulk", {"ids": ids[:2], **body})
        assert done["changed"] == 2
        assert titles(api, query) == left
        assert send(api, "post", f"/changes/{done['changeId']}/undo") == {"changed": 2}
        assert send(api, "post", f"/changes/{done['changeId']}/undo") == {"changed": 0}
        assert titles(api, "") == ["Lamp 1", "Lamp 2", "Lamp 3"]
        assert titles(api, "?tag=b-roll") == []

    def test_tags_are_taken_away(self, alice: User, api: Client, ids: list[str]) -> None:
        keeping.tag_trends(alice, Trend.objects.values_list("pk", flat=True), add=["a"])
        assert send(api, "post", "/bulk", {"ids": ids, "action": "untag", "tags": ["A"]})["changed"] == 3
        assert send(api, "post", "/bulk", {"ids": ids, "action": "untag", "tags": ["A"]}) == {
            "changed": 0, "changeId": None,
        }  # fmt: skip

    def test_a_row_tells_its_labels(self, api: Client, ids: list[str]) -> None:
        send(api, "post", "/bulk", {"ids": ids[:1], "action": "tag", "tags": ["b", "a"]})
        send(api, "post", "/bulk", {"ids": ids[:1], "action": "category", "category": "Lights"})
        row = api.get(f"/api/trends/{ids[0]}").json()["data"]
        shelf = Category.objects.get()
        assert (row["tags"], row["category"]) == (["a", "b"], {"id": str(shelf.pk), "name": "Lights"})
        send(api, "post", "/bulk", {"ids": ids[:1], "action": "category", "category": ""})
        assert api.get(f"/api/trends/{ids[0]}").json()["data"]["category"] is None

    @pytest.mark.parametrize(
        "wrong",
        [
            {"ids": []}, {"ids": ["x"]}, {"ids": None}, {"ids": [str(new_id()) for _ in range(101)]},
            {"action": "sell"}, {"action": None}, {"action": "tag"}, {"action": "untag"}, {"action": "category"},
            {"action": "tag", "tags": []}, {"action": "tag", "tags": ["x" * 52]}, {"action": "tag", "tags": ["a,b"]},
            {"action": "tag", "tags": [f"t{n}" for n in range(21)]}, {"action": "tag", "tags": "a"},
            {"action": "category", "category": "x" * 61}, {"action": "category", "category": None}, {"owner": 1},
        ],
    )  # fmt: skip
    def test_a_wrong_body_is_refused_by_field(self, api: Client, ids: list[str], wrong: dict[str, Any]) -> None:
        error = send(api, "post", "/bulk", {"ids": ids, "action": "delete", **wrong}, 400)
        assert error["code"] == "VALIDATION_ERROR"
        assert not Change.objects.exists()

    def test_strangers_change_nothing_and_learn_nothing(
        self, bob: User, api: Client, api_for: Api, ids: list[str]
    ) -> None:
        stranger = api_for(bob)
        theirs = send(stranger, "post", "/bulk", {"ids": ids, "action": "delete"})
        assert theirs == send(stranger, "post", "/bulk", {"ids": [str(new_id())], "action": "delete"})
        change = send(api, "post", "/bulk", {"ids": ids, "action": "delete"})["changeId"]
        same = {"X-Request-Id": "the-same-request"}
        answers = [
            stranger.post(f"/api/trends/changes/{pk}/undo", content_type="application/json", headers=same)
            for pk in (change, new_id())
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content

    def test_the_same_request_twice_has_one_effect(self, api: Client, ids: list[str]) -> None:
        body, key = {"ids": ids, "action": "delete"}, {"Idempotency-Key": "mine"}
        first, again = (
            api.post("/api/trends/bulk", body, content_type="application/json", headers=key) for _ in range(2)
        )
        assert first.json()["data"] == again.json()["data"]
        assert first.json()["data"]["changed"] == 3


class TestFilters:
    """Filters that know how trends are kept, together with all others."""

    @pytest.fixture(autouse=True)
    def _kept(self, alice: User, ids: list[str]) -> None:
        rows = list(Trend.objects.order_by("title"))
        keeping.tag_trends(alice, [row.pk for row in rows[:2]], add=["hook"])
        keeping.move_trends(alice, [row.pk for row in rows[1:]], "Lights")
        watch = Watch.objects.create(
            owner=alice, name="Lamps", platforms=["youtube"], keywords=["lamp"], limit=10, seen_at=timezone.now()
        )
        WatchTrend.objects.create(watch=watch, trend=rows[2], at=timezone.now())
        self.shelf, self.watch = Category.objects.get().pk, watch.pk

    def test_they_combine(self, api: Client) -> None:
        for query, found in {
            "?tag=hook": ["Lamp 1", "Lamp 2"],
            "?tag=%23HOOK&q=lamp&platform=youtube&minViews=1500": ["Lamp 2"],
            f"?category={self.shelf}": ["Lamp 2", "Lamp 3"],
            f"?category={self.shelf}&tag=hook": ["Lamp 2"],
            f"?watch={self.watch}": ["Lamp 3"],
            f"?watch={self.watch}&category={self.shelf}&author=lampe&contentType=video&dateRange=7d": ["Lamp 3"],
            f"?watch={self.watch}&tag=hook": [],
            f"?category={new_id()}": [],
            f"?watch={new_id()}": [],
            "?tag=other": [],
        }.items():
            assert titles(api, query) == found, query

    def test_ids_of_others_find_nothing(self, bob: User, api_for: Api, capture: Capture) -> None:
        capture(bob, make_post())
        for query in (f"?watch={self.watch}", f"?category={self.shelf}", "?tag=hook"):
            assert titles(api_for(bob), query) == []

    def test_a_filtered_list_takes_the_same_queries_for_ten_and_a_hundred_rows(
        self, alice: User, api: Client, capture: Capture, django_assert_max_num_queries: Any
    ) -> None:
        capture(alice, *(make_post() for _ in range(110)))
        pks = list(Trend.objects.values_list("pk", flat=True))
        keeping.tag_trends(alice, pks, add=["hook"])
        keeping.move_trends(alice, pks, "Lights")
        titles(api, "")
        counted = []
        for limit in (10, 100):
            with django_assert_max_num_queries(9) as context:
                assert len(titles(api, f"?limit={limit}&tag=hook&category={self.shelf}")) == limit
            counted.append(len(context.captured_queries))
        assert counted[0] == counted[1]


class TestShelves:
    """Categories, tags and saved views."""

    def test_categories_live_and_die(self, alice: User, api: Client, ids: list[str]) -> None:
        made = send(api, "post", "/categories", {"name": " Lights "}, 201)
        assert (made["name"], made["trends"]) == ("Lights", 0)
        send(api, "post", "/bulk", {"ids": ids, "action": "category", "category": "lights"})
        keeping.delete_trends(alice, [Trend.objects.get(title="Lamp 1").pk])
        assert [(row["name"], row["trends"]) for row in send(api, "get", "/categories")] == [("Lights", 2)]
        assert send(api, "patch", f"/categories/{made['id']}", {"name": "Lamps"})["trends"] == 2
        assert send(api, "post", "/categories", {"name": "LAMPS"}, 409)["code"] == "CONFLICT"
        send(api, "delete", f"/categories/{made['id']}", status=204)
        assert send(api, "get", "/categories") == []
        assert titles(api, "") == ["Lamp 2", "Lamp 3"]

    @pytest.mark.parametrize("name", ["", " ", "x" * 61, None, []])
    def test_what_is_no_name_is_refused(self, api: Client, name: Any) -> None:
        assert send(api, "post", "/categories", {"name": name}, 400)["details"]["name"]

    def test_tags_are_counted(self, alice: User, api: Client, ids: list[str]) -> None:
        keeping.tag_trends(alice, Trend.objects.values_list("pk", flat=True), add=["b", "A"])
        assert send(api, "get", "/tags") == [{"name": "A", "trends": 3}, {"name": "b", "trends": 3}]

    def test_views_are_kept_in_one_spelling(self, api: Client) -> None:
        shelf = new_id()
        query = f"?sort=-score&q=lamp&platform=x&platform=reddit&period=&category={shelf}"
        made = send(api, "post", "/views", {"name": "Lamps", "query": query}, 201)
        assert made["query"] == f"platform=reddit&platform=x&q=lamp&category={shelf}"
        assert send(api, "post", "/views", {"name": "LAMPS", "query": ""}, 201)["id"] == made["id"]
        assert [(row["name"], row["query"]) for row in send(api, "get", "/views")] == [("LAMPS", "")]
        send(api, "delete", f"/views/{made['id']}", status=204)
        assert not SavedView.objects.exists()

    @pytest.mark.parametrize(
        "query", ["a=b", "platform=vimeo", "sort=id", "category=5", "reach=x", "cursor=x", "q=" + "x" * 201]
    )
    def test_what_is_no_filter_is_refused(self, api: Client, query: str) -> None:
        assert send(api, "post", "/views", {"name": "Lamps", "query": query}, 400)["details"]["query"]

    @pytest.mark.parametrize(
        ("method", "thing"), [("patch", "categories"), ("delete", "categories"), ("delete", "views")]
    )
    def test_what_belongs_to_somebody_else_looks_like_nothing(
        self, alice: User, bob: User, api_for: Api, method: str, thing: str
    ) -> None:
        made = shelves.add_category(alice, "L") if thing == "categories" else shelves.save_view(alice, "L", "q=a")
        stranger, same = api_for(bob), {"X-Request-Id": "the-same-request"}
        answers = [
            getattr(stranger, method)(
                f"/api/trends/{thing}/{pk}", {"name": "Mine"}, content_type="application/json", headers=same
            )
            for pk in (made.pk, new_id())
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
        assert send(stranger, "get", f"/{thing}") == []

    def test_lists_take_the_same_queries_for_ten_and_a_hundred(
        self, alice: User, api: Client, django_assert_num_queries: Any
    ) -> None:
        for number in range(10):
            shelves.add_category(alice, f"C{number}")
            shelves.save_view(alice, f"V{number}", f"q={number}")
        titles(api, "")
        for start in (0, 10):
            for path in ("/categories", "/views", "/tags"):
                # Who calls, and the list.
                with django_assert_num_queries(2):
                    send(api, "get", path)
            Category.objects.bulk_create(Category(owner=alice, name=f"D{start}-{n}") for n in range(45))
            keeping.tag_trends(alice, Trend.objects.values_list("pk", flat=True), add=["a"])
