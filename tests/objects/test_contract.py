"""What holds of stored files wherever they are kept."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from kapture.core.errors import VendorFailed
from kapture.core.oracle import verify
from kapture.gateways.storage import door
from kapture.jobs.models import Job
from kapture.objects import invariants, sweeping
from kapture.objects.models import StoredObject
from kapture.objects.services import discard, link, promote, store
from kapture.objects.sweeping import sweep, sweep_strays
from tests.objects.conftest import BODY

pytestmark = pytest.mark.usefixtures("either")
PART = 16 << 20


class Stopped(Exception):
    """What somebody who wants to stop raises."""


def get(address: str, **headers: str) -> tuple[bytes, Any]:
    """What anybody gets at a link."""
    if address.startswith("/"):
        answer: Any = Client().get(address, headers=headers)
        return b"".join(answer.streaming_content) if answer.streaming else answer.content, answer.headers
    with urlopen(Request(address, headers=headers)) as found:
        return found.read(), found.headers


@pytest.fixture
def age(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let what is in the store count as old, which saves touching the files behind its back."""

    def grow_old() -> None:
        monkeypatch.setattr(sweeping, "ABANDONED_AFTER", timedelta(0))
        monkeypatch.setattr(invariants, "GRACE", timedelta(0))

    return grow_old


def broken() -> set[str]:
    return {rule.name for rule, ids in verify() if ids}


def test_a_file_is_kept_under_its_owner_with_its_checksum(alice: User, stored: StoredObject) -> None:
    assert stored.key == f"u/{alice.pk}/direct/{hashlib.sha256(BODY).hexdigest()}.mp4"
    assert (stored.size, door().size_of(stored.key)) == (len(BODY), len(BODY))
    with default_storage.open(stored.key) as kept:
        assert kept.read() == BODY
    assert b"".join(door().pieces(stored.key)) == BODY
    door().remove(stored.key)
    with pytest.raises(VendorFailed) as failed:
        list(door().pieces(stored.key))
    assert failed.value.reason == "store_missing"


def test_storing_the_same_again_keeps_one_file(alice: User, file: Path, stored: StoredObject) -> None:
    again = store(alice.pk, file, suffix=".mp4", content_type="video/mp4")
    assert again.pk == stored.pk
    assert [entry.key for entry in door().entries("", 10)] == [stored.key]


def test_a_large_file_goes_in_parts_and_is_told_as_it_goes(alice: User, tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    told: list[int] = []
    path.write_bytes(b"seventeen million" * (PART // 16))
    row = store(alice.pk, path, suffix=".mp4", content_type="video/mp4", told=told.append)
    assert sum(told) == row.size > PART
    assert len(told) > 1
    with default_storage.open(row.key) as kept:
        assert hashlib.file_digest(kept, "sha256").hexdigest() == row.sha256


def test_a_transfer_that_is_stopped_keeps_nothing(alice: User, tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    path.write_bytes(bytes(PART + 1))

    def stop(_: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        store(alice.pk, path, suffix=".mp4", content_type="video/mp4", told=stop)
    sweep()
    assert not StoredObject.objects.exists()
    assert door().entries("", 10) == []


def test_a_link_serves_the_file_to_anybody_under_a_name_of_any_language(stored: StoredObject) -> None:
    body, headers = get(link(stored, filename="Größe 映画.mp4", inline=False))
    assert (body, headers["Content-Type"]) == (BODY, "video/mp4")
    assert headers["Content-Disposition"].lower().startswith("attachment; filename*=utf-8''gr%c3%b6%c3%9fe%20%e6%98%a0")


def test_a_name_cannot_leave_its_header(stored: StoredObject) -> None:
    headers = get(link(stored, filename='a"/../b\r\nX: y.mp4'))[1]
    assert headers["Content-Disposition"] == 'inline; filename="a_.._b_X: y.mp4"'
    assert headers.get("X") is None


def test_a_player_gets_the_range_it_asks_for(stored: StoredObject) -> None:
    body, headers = get(link(stored), Range="bytes=5000-5099")
    assert body == BODY[5000:5100]
    assert headers["Content-Range"] == "bytes 5000-5099/10240"


def test_the_oracle_is_content_with_what_is_stored(stored: StoredObject, age: Callable[[], None]) -> None:
    age()
    assert broken() == set()


def test_the_oracle_sees_a_row_whose_file_is_gone_or_cut(stored: StoredObject) -> None:
    door().remove(stored.key)
    assert broken() == {"I08 a live row has its file"}
    StoredObject.objects.filter(pk=stored.pk).update(size=1)
    default_storage.save(stored.key, ContentFile(BODY))
    assert broken() == {"I08 a live row has its file"}


def test_a_file_no_row_knows_is_seen_and_swept_after_half_an_hour(
    stored: StoredObject, age: Callable[[], None]
) -> None:
    StoredObject.objects.all().delete()
    assert (broken(), sweep_strays().strays) == (set(), 0)
    age()
    assert broken() == {"I09 a file has its row"}
    assert sweep_strays().strays == 1
    assert broken() == set()


def test_an_operator_sweeps_all_of_it_at_once(
    alice: User, tmp_path: Path, stored: StoredObject, age: Callable[[], None]
) -> None:
    stray = tmp_path / "stray.mp4"
    stray.write_bytes(b"nobody knows me")
    StoredObject.objects.filter(pk=store(alice.pk, stray, suffix=".mp4", content_type="video/mp4").pk).delete()
    discard(stored)
    age()
    said = StringIO()
    call_command("sweep_objects", stdout=said)
    assert said.getvalue().startswith("1 rows with their files, 1 files without rows")
    assert not StoredObject.objects.exists()
    assert broken() == set()


def test_the_sweep_of_strays_goes_on_where_it_stopped(
    monkeypatch: pytest.MonkeyPatch, alice: User, tmp_path: Path, age: Callable[[], None]
) -> None:
    monkeypatch.setattr(sweeping, "PAGE", 3)
    rows = []
    for number in range(8):
        path = tmp_path / f"{number}.txt"
        path.write_text(str(number))
        rows.append(store(alice.pk, path, suffix=".txt", content_type="text/plain"))
        promote(rows[-1])
    gone = max(rows, key=lambda row: row.key)
    gone.delete()
    age()
    first, second, third = (sweep_strays(pages=1) for _ in range(3))
    assert [(one.strays, one.through) for one in (first, second, third)] == [(0, False), (0, False), (1, True)]
    assert len(door().entries("", 100)) == 7


def test_the_sweeper_removes_what_was_discarded_or_left(alice: User, file: Path, stored: StoredObject) -> None:
    job = Job.objects.create(owner=alice, kind="gone", deadline_at=timezone.now(), state="failed")
    left = store(alice.pk, file, suffix=".mp4", content_type="video/mp4", job=job)
    assert sweep() == 0
    StoredObject.objects.filter(pk=left.pk).update(updated_at=timezone.now() - timedelta(minutes=31))
    assert (sweep(), door().size_of(left.key)) == (1, None)
    discard(stored)
    assert (sweep(), door().size_of(stored.key)) == (1, None)
    assert not StoredObject.objects.exists()


def test_the_sweeper_leaves_what_a_running_job_is_storing(alice: User, file: Path) -> None:
    job = Job.objects.create(owner=alice, kind="busy", deadline_at=timezone.now(), state="running")
    row = store(alice.pk, file, suffix=".mp4", content_type="video/mp4", job=job)
    StoredObject.objects.filter(pk=row.pk).update(updated_at=timezone.now() - timedelta(hours=2))
    assert sweep() == 0


def test_keys_are_listed_in_the_order_of_their_bytes(alice: User, tmp_path: Path) -> None:
    names = ["u/a/1/x", "u/a/10/x", "u/a/1.x", "u/a/1-x", "u/b", "u/a0", "v/x"]
    for name in names:
        default_storage.save(name, ContentFile(b"x"))
    wanted = sorted(name for name in names if name.startswith("u/"))
    assert [entry.key for entry in door().entries("", 100)] == wanted
    for place, name in enumerate(wanted):
        assert [entry.key for entry in door().entries(name, 2)] == wanted[place + 1 : place + 3]
