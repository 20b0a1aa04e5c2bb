"""Storage by plan: who is refused, and that two endings never share the last of it."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from billing.models import Plan, UsagePeriod
from downloads import services
from downloads.choices import State
from downloads.models import Download
from downloads.room import FULL, check_room, room_of, take_room
from downloads.specs import DownloadSpec
from kapture.core.errors import UsageExceeded
from kapture.core.oracle import verify
from kapture.jobs.errors import JobFailed
from kapture.objects.models import StoredObject
from kapture.objects.services import discard, promote
from kapture.objects.sweeping import sweep
from tests.downloads.conftest import Perform

LINK = "https://www.youtube.com/watch?v=kites"


def row(user: User, size: int, state: str = "live", name: str = "one") -> StoredObject:
    """A stored file of a size, whose bytes nobody looks for."""
    return StoredObject.objects.create(
        owner=user, key=f"u/{user.pk}/x/{name}.mp4", state=state, size=size, sha256=name, content_type="video/mp4"
    )


def cap(size: int) -> None:
    Plan.objects.update(storage_bytes=size)


def test_what_is_live_and_what_is_coming_counts_and_what_is_going_does_not(alice: User, bob: User) -> None:
    cap(100)
    for state, size in (("live", 30), ("pending", 20), ("deleting", 70)):
        row(alice, size, state, state)
    row(bob, 99, name="foreign")
    room = room_of(alice)
    assert (room.used, room.cap, room.free, room.is_full) == (50, 100, 50, False)


def test_adding_up_reads_the_index_alone_and_takes_three_queries(alice: User) -> None:
    StoredObject.objects.bulk_create(
        StoredObject(owner=alice, key=f"u/{alice.pk}/{n}", state="live", size=1, sha256="", content_type="x")
        for n in range(500)
    )
    with CaptureQueriesContext(connection) as found:
        assert room_of(alice).used == 500
    assert len(found) == 3
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {next(q['sql'] for q in found if 'objects_storedobject' in q['sql'])}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Only Scan using object_owner_state" in plan


@pytest.mark.parametrize("ask", ["one", "many", "retry"])
def test_a_full_storage_takes_no_new_wish_and_holds_no_unit(alice: User, ask: str) -> None:
    cap(100)
    failed = services.request_download(alice, DownloadSpec(url=LINK)) if ask == "retry" else None
    before = list(UsagePeriod.objects.values_list("held", flat=True))
    row(alice, 100)
    asked = {
        "one": lambda: services.request_download(alice, DownloadSpec(url=LINK)),
        "many": lambda: services.request_many(alice, [DownloadSpec(url=LINK)]),
        "retry": lambda: services.retry_download(alice, failed),
    }
    with pytest.raises(UsageExceeded, match="Your storage is full") as refused:
        asked[ask]()
    assert refused.value.details["type"] == "storage"
    assert refused.value.details["alternatives"][0].startswith("Delete")
    assert list(UsagePeriod.objects.values_list("held", flat=True)) == before


def test_the_api_and_the_page_say_what_helps(alice: User, browser: Client, api_for: Any) -> None:
    cap(100)
    row(alice, 100)
    answer = api_for(alice).post("/api/downloads/request", {"url": LINK}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "USAGE_EXCEEDED")
    assert answer.json()["error"]["details"]["limit"] == 100
    page = browser.post("/downloads/request/", {"urls": LINK})
    assert (page.status_code, b"Your storage is full" in page.content) == (403, True)


@pytest.mark.django_db(transaction=True)
def test_a_download_that_would_pass_the_cap_fails_by_name_and_keeps_nothing(
    alice: User, watch: str, perform: Perform
) -> None:
    cap(1_000)
    download = perform(alice, watch)
    assert (download.state, download.job.error_code, download.reason) == (State.FAILED, FULL, FULL)
    assert download.job.remedy
    period = UsagePeriod.objects.get(user=alice, kind="download")
    assert (period.used, period.held) == (0, 0)
    sweep()
    assert not StoredObject.objects.exists()
    assert {rule.name for rule, ids in verify() if ids} == set()


@pytest.mark.django_db(transaction=True)
def test_what_was_stored_is_discarded_when_the_end_finds_no_room(
    alice: User, watch: str, perform: Perform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("downloads.capturing.check_fits", lambda user, size: cap(1))
    assert perform(alice, watch).job.error_code == FULL
    assert set(StoredObject.objects.values_list("state", flat=True)) == {"deleting"}
    sweep()
    assert not StoredObject.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_parallel_endings_never_pass_the_cap(alice: User) -> None:
    cap(250)
    rows = [row(alice, 100, "pending", str(number)) for number in range(5)]
    ready, full = threading.Barrier(5), []

    def end(one: StoredObject) -> None:
        try:
            ready.wait(20)
            with transaction.atomic():
                take_room(alice, [one])
                promote(one)
        except JobFailed:
            full.append(one)
            discard(one)
        finally:
            connection.close()

    threads = [threading.Thread(target=end, args=[one]) for one in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (StoredObject.objects.filter(state="live").count(), len(full)) == (2, 3)
    check_room(alice)


def test_downgraded_people_keep_what_they_have_and_get_nothing_more(alice: User, tmp_path: Path) -> None:
    row(alice, 500)
    cap(100)
    room = room_of(alice)
    assert (room.used, room.free, room.is_full) == (500, 0, True)
    assert Download.objects.count() == 0
