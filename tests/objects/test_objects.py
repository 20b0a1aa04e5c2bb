"""Stored files: a row before the bytes, links that expire, ranges that players need."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts.models import User
from kapture.core.errors import VendorFailed
from kapture.core.oracle import verify
from kapture.objects.models import StoredObject
from kapture.objects.services import discard, link, open_link, plain, promote, store
from kapture.objects.sweeping import sweep
from tests.objects.conftest import BODY


def content(response: object) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


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


def test_a_live_row_whose_file_is_gone_is_not_found_and_seen_by_the_oracle(
    client: Client, stored: StoredObject
) -> None:
    default_storage.delete(stored.key)
    assert client.get(link(stored)).status_code == 404
    assert {rule.name for rule, ids in verify() if ids} == {"I08 a live row has its file"}


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
        ("FullStore", "no_space", "deleting"),
        ("BrokenStore", "store_failed", "deleting"),
        ("ElsewhereStore", "store_conflict", "deleting"),
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


def test_staff_look_at_files_and_change_none(staff: User, stored: StoredObject) -> None:
    office = Client()
    office.force_login(staff)
    assert stored.key in office.get("/admin/objects/storedobject/?q=alice").content.decode()
    page = f"/admin/objects/storedobject/{stored.pk}"
    assert stored.sha256 in office.get(f"{page}/change/").content.decode()
    assert office.get("/admin/objects/storedobject/add/").status_code == 403
    assert office.post(f"{page}/change/", {"state": "deleting"}).status_code == 403
    assert office.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
