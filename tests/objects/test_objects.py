"""Stored files: a row before the bytes, links that expire, ranges that players need."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts.models import User
from kapture.core.errors import VendorFailed
from kapture.core.oracle import verify
from kapture.jobs.models import Job
from kapture.objects.models import StoredObject
from kapture.objects.services import discard, link, open_link, plain, promote, store, sweep

BODY = bytes(range(256)) * 40


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(BODY)
    return path


@pytest.fixture
def stored(alice: User, file: Path) -> StoredObject:
    row = store(alice.pk, file, suffix=".mp4", content_type="video/mp4")
    promote(row)
    return row


def content(response: object) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_a_file_is_kept_under_its_owner_with_its_checksum(alice: User, stored: StoredObject) -> None:
    assert stored.key == f"u/{alice.pk}/direct/{stored.sha256}.mp4"
    assert stored.size == len(BODY)
    with default_storage.open(stored.key) as kept:
        assert kept.read() == BODY


def test_storing_the_same_again_keeps_one_file(alice: User, file: Path, stored: StoredObject) -> None:
    again = store(alice.pk, file, suffix=".mp4", content_type="video/mp4")
    assert again.pk == stored.pk
    assert StoredObject.objects.count() == 1


def test_a_suffix_cannot_leave_the_folder(alice: User, file: Path) -> None:
    with pytest.raises(ValueError, match="not a file suffix"):
        store(alice.pk, file, suffix="/../x", content_type="video/mp4")


def test_a_link_serves_the_file_to_anybody(client: Client, stored: StoredObject) -> None:
    response = client.get(link(stored, filename="Mein Film.mp4"))
    assert response.status_code == 200
    assert content(response) == BODY
    assert response["Content-Type"] == "video/mp4"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == 'inline; filename="Mein Film.mp4"'
    assert "sandbox" in response["Content-Security-Policy"]


def test_an_attachment_stays_one_whatever_the_query_says(client: Client, stored: StoredObject) -> None:
    response = client.get(link(stored, filename='a"/../b\r\nX: y.mp4', inline=False))
    assert response["Content-Disposition"].startswith("attachment;")
    assert "X" not in response.headers


def test_a_link_expires(client: Client, stored: StoredObject) -> None:
    address = link(stored)
    with time_machine.travel(timezone.now() + timedelta(seconds=301)):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("change", [lambda token: token[:-2] + "xx", lambda token: "x" + token, lambda token: "a:b:c"])
def test_a_forged_link_is_not_found(client: Client, stored: StoredObject, change: object) -> None:
    token = urlsplit(link(stored)).path.split("/")[2]
    assert client.get(f"/media/{change(token)}/").status_code == 404  # type: ignore[operator]
    assert open_link(token)[0] == stored.pk


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        ("bytes=0-99", 206, 0, 99),
        ("bytes=10000-", 206, 10_000, 10_239),
        ("bytes=-5", 206, 10_235, 10_239),
        ("bytes=10230-99999", 206, 10_230, 10_239),
    ],
)
def test_a_player_may_ask_for_a_range(
    client: Client, stored: StoredObject, asked: str, status: int, first: int, last: int
) -> None:
    response = client.get(link(stored), headers={"Range": asked})
    assert response.status_code == status
    assert content(response) == BODY[first : last + 1]
    assert response["Content-Range"] == f"bytes {first}-{last}/10240"


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=5-2", "bytes=-0"])
def test_a_range_outside_the_file_is_refused(client: Client, stored: StoredObject, asked: str) -> None:
    response = client.get(link(stored), headers={"Range": asked})
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */10240")


def test_a_malformed_range_is_ignored(client: Client, stored: StoredObject) -> None:
    assert client.get(link(stored), headers={"Range": "bytes=0-1,3-4"}).status_code == 200


def test_a_pending_or_discarded_file_is_not_served(client: Client, alice: User, file: Path) -> None:
    row = store(alice.pk, file, suffix=".mp4", content_type="video/mp4")
    assert client.get(link(row)).status_code == 404
    promote(row)
    assert content(client.get(link(row))) == BODY
    discard(row)
    assert client.get(link(row)).status_code == 404


def test_the_oracle_is_content_with_what_is_stored(stored: StoredObject) -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert {rule.name for rule, ids in verify() if ids} == set()


def test_a_live_row_whose_file_is_gone_is_not_found_and_seen_by_the_oracle(
    client: Client, stored: StoredObject
) -> None:
    default_storage.delete(stored.key)
    assert client.get(link(stored)).status_code == 404
    assert {rule.name for rule, ids in verify() if ids} == {"I08 a live row has its file"}


def test_the_sweeper_removes_what_was_discarded_or_left(alice: User, file: Path, stored: StoredObject) -> None:
    job = Job.objects.create(owner=alice, kind="gone", deadline_at=timezone.now(), state="failed")
    left = store(alice.pk, file, suffix=".mp4", content_type="video/mp4", job=job)
    assert sweep() == 0
    StoredObject.objects.filter(pk=left.pk).update(updated_at=timezone.now() - timedelta(minutes=31))
    assert sweep() == 1
    assert not default_storage.exists(left.key)
    discard(stored)
    assert sweep() == 1
    assert not default_storage.exists(stored.key)
    assert not StoredObject.objects.exists()


def test_the_sweeper_leaves_what_a_running_job_is_storing(alice: User, file: Path) -> None:
    job = Job.objects.create(owner=alice, kind="busy", deadline_at=timezone.now(), state="running")
    row = store(alice.pk, file, suffix=".mp4", content_type="video/mp4", job=job)
    StoredObject.objects.filter(pk=row.pk).update(updated_at=timezone.now() - timedelta(hours=2))
    assert sweep() == 0


def test_the_oracle_sees_a_file_no_row_knows(stored: StoredObject) -> None:
    StoredObject.objects.all().delete()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert {rule.name for rule, ids in verify() if ids} == {"I09 a file has its row"}


@pytest.mark.parametrize(
    ("name", "safe"), [("../../etc/passwd", "_.._etc_passwd"), ("", "file"), ("...", "file"), ('a"b\r\n', "a_b_")]
)
def test_names_cannot_leave_a_header_or_folder(name: str, safe: str) -> None:
    assert plain(name) == safe


def use(settings: Any, name: str) -> None:
    """Put a store of tests.objects.stores in the place of the ordinary one."""
    chosen = {**settings.STORAGES["default"], "BACKEND": f"tests.objects.stores.{name}"}
    settings.STORAGES = {**settings.STORAGES, "default": chosen}


@pytest.mark.parametrize(
    ("name", "reason", "state"),
    [
        ("FullStore", "no_space", "pending"),
        ("BrokenStore", "store_failed", "pending"),
        ("ElsewhereStore", "store_conflict", "pending"),
        ("ShortStore", "store_mismatch", "deleting"),
    ],
)
def test_what_a_store_does_not_hold_is_never_live_and_is_swept(
    alice: User, file: Path, settings: Any, name: str, reason: str, state: str
) -> None:
    use(settings, name)
    with pytest.raises(VendorFailed) as failed:
        store(alice.pk, file, suffix=".mp4", content_type="video/mp4")
    assert (failed.value.reason, failed.value.retryable) == (reason, True)
    assert StoredObject.objects.get().state == state
    StoredObject.objects.update(updated_at=timezone.now() - timedelta(minutes=31))
    assert sweep() == 1
    assert not StoredObject.objects.exists()


def test_a_row_stays_as_long_as_its_file(settings: Any, stored: StoredObject) -> None:
    use(settings, "StubbornStore")
    discard(stored)
    sweep()
    assert StoredObject.objects.get().state == "deleting"
    use(settings, "ShortStore")
    sweep()
    assert not StoredObject.objects.exists()


def test_a_remote_store_serves_by_links_it_signed_for_a_short_while(settings: Any, stored: StoredObject) -> None:
    options = {
        "bucket_name": "media",
        "access_key": "key",
        "secret_key": "secret",
        "region_name": "auto",
        "endpoint_url": "https://store.example",
        "signature_version": "s3v4",
    }
    remote = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": remote}
    query = parse_qs(urlsplit(link(stored, filename='a"b.mp4', inline=False)).query)
    assert query["X-Amz-Expires"] == ["300"]
    assert query["response-content-type"] == ["video/mp4"]
    assert query["response-content-disposition"] == ['attachment; filename="a_b.mp4"']
    assert "response-content-disposition" not in parse_qs(urlsplit(link(stored)).query)


def test_staff_look_at_files_and_change_none(staff: User, stored: StoredObject) -> None:
    office = Client()
    office.force_login(staff)
    assert stored.key in office.get("/admin/objects/storedobject/?q=alice").content.decode()
    page = f"/admin/objects/storedobject/{stored.pk}"
    assert stored.sha256 in office.get(f"{page}/change/").content.decode()
    assert office.get("/admin/objects/storedobject/add/").status_code == 403
    assert office.post(f"{page}/change/", {"state": "deleting"}).status_code == 403
    assert office.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
