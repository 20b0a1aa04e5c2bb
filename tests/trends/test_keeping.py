"""Trash, tags and categories: what a change does, what undoes it, and what it never touches."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from downloads.models import Download
from kapture.audit.models import AuditEvent
from kapture.core.choices import Platform
from kapture.core.errors import Conflict, InvalidInput, NotFound
from kapture.core.ids import new_id
from kapture.core.oracle import verify
from kapture.jobs.models import Job
from tests.library.things import download
from tests.trends.conftest import Capture, make_post
from trends import keeping, kept, shelves, trash
from trends.models import Category, Change, PlatformTotal, SavedView, Snapshot, Trend
from trends.queries import TrendFilter, total, trends
from trends.tasks import empty_the_trash

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _promises(db: None) -> Iterator[None]:
    yield
    assert {rule.name: found for rule, found in verify() if found} == {}


@pytest.fixture
def ids(alice: User, capture: Capture) -> list[UUID]:
    """Three videos and a thread."""
    capture(
        alice,
        *(make_post(title=f"Lamp {n}") for n in range(3)),
        make_post(platform=Platform.REDDIT, external_id="1ab2c3", title="Thread", views=None),
    )
    return list(Trend.objects.order_by("title").values_list("pk", flat=True))


def counts(user: User) -> dict[str, int]:
    return dict(PlatformTotal.objects.filter(owner=user).values_list("platform", "count"))


def tags_of(pk: UUID) -> list[str]:
    return list(Trend.objects.values_list("tags", flat=True).get(pk=pk))


class TestTrash:
    """Deleting, taking it back, and the end after thirty days."""

    def test_a_deleted_trend_is_out_of_sight_and_comes_back_as_it_was(self, alice: User, ids: list[UUID]) -> None:
        before = list(Trend.objects.order_by("pk").values())
        change = keeping.delete_trends(alice, ids[2:])
        assert change is not None
        assert set(trends(alice, TrendFilter()).values_list("pk", flat=True)) == set(ids[:2])
        assert counts(alice) == {"youtube": 2, "reddit": 0}
        assert keeping.undo(alice, change.pk) == 2
        assert list(Trend.objects.order_by("pk").values()) == before
        assert counts(alice) == {"youtube": 3, "reddit": 1}
        assert [event.action for event in AuditEvent.objects.order_by("pk")][-2:] == ["trends.deleted", "trends.undone"]

    def test_it_is_done_and_undone_once(self, alice: User, ids: list[UUID]) -> None:
        change = keeping.delete_trends(alice, [*ids, *ids])
        assert change is not None
        assert keeping.delete_trends(alice, ids) is None
        assert (keeping.undo(alice, change.pk), keeping.undo(alice, change.pk)) == (4, 0)
        assert counts(alice) == {"youtube": 3, "reddit": 1}

    def test_others_neither_delete_nor_undo(self, alice: User, bob: User, ids: list[UUID]) -> None:
        assert keeping.delete_trends(bob, ids) is None
        change = keeping.delete_trends(alice, ids)
        assert change is not None
        for pk in (change.pk, new_id()):
            with pytest.raises(NotFound):
                keeping.undo(bob, pk)
        assert trends(alice, TrendFilter()).count() == 0

    def test_a_scrape_measures_what_is_in_the_trash_and_leaves_it_there(self, alice: User, capture: Capture) -> None:
        capture(alice, make_post(external_id="vid_00000_a", views=10))
        keeping.delete_trends(alice, list(Trend.objects.values_list("pk", flat=True)))
        outcome = capture(alice, make_post(external_id="vid_00000_a", views=30), make_post(external_id="vid_00000_b"))
        assert (outcome.stored, outcome.merged) == (1, 1)
        row = Trend.objects.get(external_id="vid_00000_a")
        assert (row.views, row.trashed_at is not None) == (30, True)
        assert counts(alice) == {"youtube": 1}

    def test_after_thirty_days_it_goes_with_its_history_and_downloads_stay(
        self, alice: User, bob: User, ids: list[UUID], capture: Capture
    ) -> None:
        capture(bob, make_post())
        made = download(alice, trend_id=ids[0])
        Job.objects.update(deadline_at=timezone.now() + timedelta(hours=1))
        change = keeping.delete_trends(alice, ids[:2])
        assert change is not None
        later = timezone.now() + trash.KEPT
        assert trash.empty_trash(later - timedelta(minutes=1)) == 0
        assert trash.forget_changes(later - timedelta(minutes=1)) == 0
        assert trash.empty_trash(later + timedelta(minutes=1)) == 2
        assert trash.forget_changes(later + timedelta(minutes=1)) == 1
        assert Trend.objects.filter(owner=alice).count() == 2
        assert Snapshot.objects.filter(trend__owner=alice).count() == 2
        assert Download.objects.get(pk=made.pk).trend_id is None
        assert not Change.objects.exists()

    def test_undo_brings_back_what_is_left(self, alice: User, ids: list[UUID]) -> None:
        change = keeping.delete_trends(alice, ids)
        assert change is not None
        Trend.objects.filter(pk=ids[0]).delete()
        assert keeping.undo(alice, change.pk) == 3

    def test_each_owner_gets_a_batch_a_round(
        self, alice: User, bob: User, capture: Capture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(trash, "BATCH", 2)
        for user, many in ((alice, 5), (bob, 1)):
            capture(user, *(make_post() for _ in range(many)))
        Trend.objects.update(trashed_at=timezone.now() - timedelta(days=31))
        PlatformTotal.objects.update(count=0)
        empty_the_trash()
        assert (Trend.objects.filter(owner=alice).count(), Trend.objects.filter(owner=bob).count()) == (3, 0)


class TestTags:
    """Tagging many trends at once."""

    def test_tags_are_added_and_taken_away_in_any_case(self, alice: User, ids: list[UUID]) -> None:
        keeping.tag_trends(alice, ids[:2], add=["Desk  setup", "#hook"])
        change = keeping.tag_trends(alice, ids, add=["HOOK", "b-roll"], remove=["desk SETUP"])
        assert change is not None
        assert [tags_of(pk) for pk in ids] == [["b-roll", "hook"]] * 4
        assert keeping.undo(alice, change.pk) == 4
        assert [tags_of(pk) for pk in ids] == [["Desk setup", "hook"], ["Desk setup", "hook"], [], []]

    def test_undo_leaves_what_was_tagged_since_then(self, alice: User, ids: list[UUID]) -> None:
        change = keeping.tag_trends(alice, ids[:1], add=["a", "b"])
        keeping.tag_trends(alice, ids[:1], add=["c"], remove=["a"])
        assert change is not None
        keeping.undo(alice, change.pk)
        assert tags_of(ids[0]) == ["c"]

    def test_what_changes_nothing_is_no_change(self, alice: User, bob: User, ids: list[UUID]) -> None:
        keeping.tag_trends(alice, ids, add=["a"])
        assert keeping.tag_trends(alice, ids, add=["A"]) is None
        assert keeping.tag_trends(alice, ids, remove=["b"]) is None
        assert keeping.tag_trends(bob, ids, add=["b"]) is None

    def test_twenty_is_the_most_and_then_none_is_changed(self, alice: User, ids: list[UUID]) -> None:
        keeping.tag_trends(alice, ids[:1], add=[f"t{n}" for n in range(20)])
        with pytest.raises(InvalidInput) as refusal:
            keeping.tag_trends(alice, ids, add=["one more"])
        assert "1 would hold more" in refusal.value.details["tags"][0]
        assert tags_of(ids[1]) == []

    @pytest.mark.parametrize("tags", [["x" * 51], ["a,b"], ["a\0b"], [f"t{n}" for n in range(21)]])
    def test_what_is_no_tag_is_refused(self, alice: User, ids: list[UUID], tags: list[str]) -> None:
        with pytest.raises(InvalidInput) as refusal:
            keeping.tag_trends(alice, ids, add=tags)
        assert list(refusal.value.details) == ["tags"]

    def test_they_are_counted_outside_the_trash(self, alice: User, bob: User, ids: list[UUID]) -> None:
        keeping.tag_trends(alice, ids, add=["b"])
        keeping.tag_trends(alice, ids[:2], add=["A"])
        keeping.delete_trends(alice, ids[:1])
        assert [(tag.name, tag.trends) for tag in kept.tags(alice)] == [("A", 1), ("b", 3)]
        assert kept.tags(bob) == []

    def test_a_filter_finds_every_spelling(self, alice: User, ids: list[UUID]) -> None:
        Trend.objects.filter(pk=ids[0]).update(tags=["Hook"])
        Trend.objects.filter(pk=ids[1]).update(tags=["hook"])
        assert trends(alice, TrendFilter(tag="#HOOK")).count() == 2
        assert trends(alice, TrendFilter(tag="hoo")).count() == 0


class TestCategories:
    """Shelves, and moving trends between them."""

    def test_trends_move_to_a_new_shelf_and_back(self, alice: User, ids: list[UUID]) -> None:
        keeping.move_trends(alice, ids[:1], "Lamps")
        change = keeping.move_trends(alice, ids, " LAMPS ")
        assert change is not None
        assert len(change.before) == 3
        shelf = Category.objects.get()
        assert trends(alice, TrendFilter(category=shelf.pk)).count() == 4
        assert keeping.undo(alice, change.pk) == 3
        assert list(Trend.objects.filter(category=shelf).values_list("pk", flat=True)) == ids[:1]

    def test_undo_leaves_what_was_moved_since_then(self, alice: User, ids: list[UUID]) -> None:
        keeping.move_trends(alice, ids, "First")
        change = keeping.move_trends(alice, ids, "Second")
        keeping.move_trends(alice, ids[:1], "Third")
        assert change is not None
        assert keeping.undo(alice, change.pk) == 3
        assert Trend.objects.get(pk=ids[0]).category == Category.objects.get(name="Third")

    def test_undo_passes_over_a_shelf_that_is_gone(self, alice: User, ids: list[UUID]) -> None:
        keeping.move_trends(alice, ids, "First")
        change = keeping.move_trends(alice, ids, "Second")
        shelves.drop_category(alice, Category.objects.get(name="First").pk)
        assert change is not None
        keeping.undo(alice, change.pk)
        assert set(Trend.objects.values_list("category", flat=True)) == {None}

    def test_they_are_taken_off_and_a_deleted_shelf_keeps_its_trends(self, alice: User, ids: list[UUID]) -> None:
        keeping.move_trends(alice, ids, "Lamps")
        assert keeping.move_trends(alice, ids[:1], "") is not None
        shelves.drop_category(alice, Category.objects.get().pk)
        assert set(Trend.objects.values_list("category__name", flat=True)) == {None}
        assert {kept.shelf_name(trend) for trend in Trend.objects.all()} == {""}
        assert Trend.objects.count() == 4

    def test_a_shelf_is_dropped_without_touching_its_trends(
        self, alice: User, ids: list[UUID], django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        keeping.move_trends(alice, ids, "Lamps")
        shelf = Category.objects.get().pk
        # Two savepoints of the transaction, the row, the record, and the deletion.
        with django_assert_num_queries(5):
            shelves.drop_category(alice, shelf)

    def test_no_shelf_is_made_for_trends_of_others(self, bob: User, ids: list[UUID]) -> None:
        assert keeping.move_trends(bob, ids, "Lamps") is None
        assert not Category.objects.exists()

    def test_a_name_is_one_whatever_its_case(self, alice: User, bob: User) -> None:
        made = shelves.add_category(alice, "Lamps")
        other = shelves.add_category(alice, "Desks")
        shelves.add_category(bob, "Lamps")
        with pytest.raises(Conflict):
            shelves.add_category(alice, "LAMPS")
        with pytest.raises(Conflict):
            shelves.rename_category(alice, other.pk, "lamps")
        assert shelves.rename_category(alice, made.pk, "LAMPS").name == "LAMPS"
        with pytest.raises(NotFound):
            shelves.rename_category(bob, made.pk, "Mine")
        with pytest.raises(NotFound):
            shelves.drop_category(bob, made.pk)

    @pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\0b"])
    def test_what_is_no_name_is_refused(self, alice: User, name: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            shelves.add_category(alice, name)
        assert list(refusal.value.details) == ["name"]

    def test_there_is_room_for_so_many(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shelves, "MAX_CATEGORIES", 1)
        monkeypatch.setattr(shelves, "MAX_VIEWS", 1)
        shelves.add_category(alice, "One")
        shelves.save_view(alice, "One", "q=a")
        with pytest.raises(InvalidInput):
            shelves.add_category(alice, "Two")
        with pytest.raises(InvalidInput):
            shelves.save_view(alice, "Two", "q=a")

    def test_a_view_is_replaced_under_its_name(self, alice: User, bob: User) -> None:
        saved = shelves.save_view(alice, "Rising", "q=a")
        again = shelves.save_view(alice, "RISING", "q=b")
        assert (saved.pk, again.name, again.query) == (again.pk, "RISING", "q=b")
        with pytest.raises(NotFound):
            shelves.drop_view(bob, saved.pk)
        shelves.drop_view(alice, saved.pk)
        assert not SavedView.objects.exists()


def test_kept_totals_answer_without_counting(alice: User, ids: list[UUID]) -> None:
    keeping.delete_trends(alice, ids[:1])
    wanted = TrendFilter()
    assert total(alice, wanted, trends(alice, wanted)) == (3, True)


def at_once(*works: Callable[[], None]) -> list[Exception]:
    """Do all of it at the same time, each several times; what went wrong."""
    failures: list[Exception] = []

    def run(work: Callable[[], None]) -> None:
        try:
            for _ in range(6):
                work()
        except Exception as error:  # noqa: BLE001
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


@pytest.mark.django_db(transaction=True)
def test_the_trash_of_somebody_whose_scrape_is_busy_waits_for_the_next_round(
    alice: User, bob: User, capture: Capture
) -> None:
    for user in (alice, bob):
        capture(user, make_post())
    Trend.objects.update(trashed_at=timezone.now() - timedelta(days=31))
    PlatformTotal.objects.update(count=0)
    locked, done = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            list(PlatformTotal.objects.select_for_update().filter(owner=alice))
            locked.set()
            done.wait(20)
        connection.close()

    busy = Thread(target=hold)
    busy.start()
    assert locked.wait(10)
    assert trash.empty_trash(timezone.now()) == 1
    done.set()
    busy.join()
    assert list(Trend.objects.values_list("owner", flat=True)) == [alice.pk]
    assert trash.empty_trash(timezone.now()) == 1


@pytest.mark.django_db(transaction=True)
def test_what_comes_back_while_a_deletion_looks_is_not_touched_without_its_lock(alice: User, capture: Capture) -> None:
    capture(alice, make_post())
    pk = Trend.objects.get().pk
    change = keeping.delete_trends(alice, [pk])
    assert change

    def undo() -> None:
        keeping.undo(alice, change.pk)
        connection.close()

    def undone_after_the_look(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        answer = execute(sql, *args)
        if undoing.ident is None and sql.startswith("SELECT"):
            undoing.start()
            undoing.join()
        return answer

    undoing = Thread(target=undo)
    with connection.execute_wrapper(undone_after_the_look):
        assert keeping.delete_trends(alice, [pk]) is None
    assert undoing.ident
    assert not Trend.objects.get().trashed_at
    assert counts(alice) == {"youtube": 1}


@pytest.mark.django_db(transaction=True)
def test_deletions_and_scrapes_at_once_keep_the_totals(alice: User, capture: Capture) -> None:
    capture(alice, *(make_post(external_id=f"vid_0000{n:02}") for n in range(20)))
    ids = list(Trend.objects.values_list("pk", flat=True))

    def delete_and_undo() -> None:
        if change := keeping.delete_trends(alice, ids[:10]):
            keeping.undo(alice, change.pk)

    def scrape() -> None:
        capture(alice, *(make_post(external_id=f"vid_0000{n:02}", views=n) for n in range(25)))

    assert at_once(delete_and_undo, delete_and_undo, scrape, lambda: keeping.tag_trends(alice, ids, add=["a"])) == []
    assert counts(alice) == {"youtube": Trend.objects.filter(trashed_at=None).count()} == {"youtube": 25}
