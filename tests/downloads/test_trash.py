"""What is deleted can be taken back for a month, is seen nowhere else meanwhile, and then goes with its files."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from downloads import services
from downloads.models import Download
from downloads.queries import already_there, downloads_of, totals
from downloads.room import room_of
from downloads.specs import DownloadQuery, DownloadSpec
from downloads.trash import delete_for_good, empty_trash, restore_download, trash_download
from kapture.core.errors import Conflict, NotFound
from kapture.core.oracle import verify
from kapture.gateways.storage import door
from kapture.jobs.models import Job
from kapture.objects.models import StoredObject
from kapture.objects.sweeping import sweep
from tests.downloads.test_retention import DAY, captured

HTMX = {"HX-Request": "true"}


@pytest.fixture
def download(alice: User, tmp_path: Path) -> Download:
    return captured(alice, tmp_path, DAY, "kites over the bay")


def test_in_the_trash_it_is_seen_nowhere_and_counts_as_stored(
    alice: User, browser: Client, api_for: Any, download: Download
) -> None:
    before = room_of(alice).used
    trash_download(alice, download)
    api = api_for(alice)
    assert not downloads_of(alice, DownloadQuery(q="kites")).exists()
    assert (totals(alice).all, already_there(alice, download.url)) == (0, None)
    assert api.get("/api/downloads").json()["data"] == []
    assert api.get("/api/library").json()["data"] == []
    assert api.get(f"/api/downloads/{download.pk}").status_code == 404
    for path in ("", "media/", "file/"):
        assert browser.get(f"/downloads/{download.pk}/{path}").status_code == 404
    assert b"kites over the bay" not in browser.get("/").content
    assert room_of(alice).used == before > 0
    assert door().size_of(download.media.key)


def test_deleting_is_undone_from_the_message_that_tells_of_it(alice: User, browser: Client, download: Download) -> None:
    answer = browser.post(f"/downloads/{download.pk}/delete/", headers=HTMX)
    undo = f"/downloads/{download.pk}/restore/"
    assert (answer.status_code, undo in answer["HX-Trigger"]) == (204, True)
    assert browser.post(undo, headers=HTMX).status_code == 204
    assert downloads_of(alice).get().pk == download.pk
    plain = browser.post(f"/downloads/{download.pk}/delete/", follow=True)
    assert undo in plain.content.decode()
    assert browser.post(undo).status_code == 302
    assert totals(alice).all == 1


def test_the_trash_shows_what_is_in_it_and_lets_it_go(alice: User, browser: Client, download: Download) -> None:
    trash_download(alice, download)
    page = browser.get("/downloads/trash/").content.decode()
    assert "kites over the bay" in page
    assert "Restore" in page
    assert "for good" in browser.get(f"/downloads/{download.pk}/erase/").content.decode()
    browser.post(f"/downloads/{download.pk}/erase/")
    assert not Download.objects.exists()
    assert sweep() == 1
    assert not StoredObject.objects.exists()
    assert "The trash is empty" in browser.get("/downloads/trash/").content.decode()


def test_all_of_it_can_go_at_once(alice: User, bob: User, browser: Client, tmp_path: Path, download: Download) -> None:
    for one in (download, captured(alice, tmp_path, DAY, "two"), captured(bob, tmp_path, DAY, "bobs")):
        trash_download(one.owner, one)
    kept = captured(alice, tmp_path, DAY, "kept")
    assert "2 downloads" in browser.get("/downloads/trash/empty/").content.decode()
    browser.post("/downloads/trash/empty/")
    assert set(Download.objects.values_list("title", flat=True)) == {kept.title, "bobs"}


def test_it_goes_for_good_after_thirty_days(alice: User, tmp_path: Path, download: Download) -> None:
    young, now = captured(alice, tmp_path, DAY, "young"), timezone.now()
    for one in (download, young):
        trash_download(alice, one)
    Download.objects.filter(pk=download.pk).update(trashed_at=now - timedelta(days=30, minutes=1))
    assert {rule.name for rule, ids in verify() if ids} == set()
    assert (empty_trash(now), empty_trash(now)) == (1, 0)
    assert Download.objects.get().pk == young.pk
    assert StoredObject.objects.get(state="deleting").pk == download.media_id


def test_what_is_under_way_cannot_be_deleted(alice: User) -> None:
    active = services.request_download(alice, DownloadSpec(url="https://x.com/a/status/3"))
    with pytest.raises(Conflict, match="in progress"):
        trash_download(alice, active)


def test_of_others_nothing_can_be_restored_or_deleted(alice: User, bob: User, download: Download) -> None:
    trash_download(alice, download)
    for act in (restore_download, delete_for_good):
        with pytest.raises(NotFound):
            act(bob, download.pk)
    restore_download(alice, download.pk)
    for act in (restore_download, delete_for_good):
        with pytest.raises(NotFound):
            act(alice, download.pk)


def test_the_api_deletes_restores_and_deletes_for_good(alice: User, api_for: Any, download: Download) -> None:
    api, path = api_for(alice), f"/api/downloads/{download.pk}"
    assert api.delete(path).status_code == 204
    assert [one["id"] for one in api.get("/api/downloads/trash").json()["data"]] == [str(download.pk)]
    assert api.post(f"{path}/restore").json()["data"]["id"] == str(download.pk)
    assert api.delete(f"/api/downloads/trash/{download.pk}").status_code == 404
    api.delete(path)
    assert api.delete(f"/api/downloads/trash/{download.pk}").status_code == 204
    assert not Download.objects.exists()


@pytest.mark.parametrize("address", ["/downloads/trash/?", "/api/downloads/trash?limit=100&"])
def test_a_longer_trash_takes_no_more_queries(alice: User, browser: Client, api_for: Any, address: str) -> None:
    caller = api_for(alice) if "/api/" in address else browser
    counts = []
    for more in (10, 90):
        lie_in_trash(alice, more)
        caller.get(address)
        with CaptureQueriesContext(connection) as found:
            assert caller.get(address).status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


def lie_in_trash(user: User, count: int) -> None:
    now = timezone.now()
    jobs = Job.objects.bulk_create(
        Job(owner=user, kind="downloads.fetch", state="failed", deadline_at=now) for _ in range(count)
    )
    Download.objects.bulk_create(
        Download(owner=user, job=job, state="failed", url="https://x.com/a", trashed_at=now) for job in jobs
    )


def test_the_oracle_sees_what_must_not_be_in_the_trash_or_expired(alice: User, download: Download) -> None:
    Download.objects.filter(pk=download.pk).update(expired_at=timezone.now())
    assert {rule.name for rule, ids in verify() if ids} == {"D04 what expired holds no file"}
    Download.objects.filter(pk=download.pk).update(expired_at=None, trashed_at=timezone.now() - 32 * DAY)
    assert {rule.name for rule, ids in verify() if ids} == {"D05 what is under way is not in the trash"}
