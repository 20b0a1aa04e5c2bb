"""What somebody takes away: everything of theirs, nothing of others, in a file that can be read."""

import hashlib
import io
import json
import re
import tracemalloc
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from accounts.exporting.names import name_of
from accounts.exporting.performing import perform_export
from accounts.exporting.services import MOST_A_DAY, expire_exports, request_export
from accounts.models import DataExport, Notification, User
from billing.models import Customer
from kapture.audit.services import record
from kapture.core.errors import RateLimited
from kapture.core.oracle import verify
from kapture.inbox.models import WebhookEvent
from kapture.jobs import lifecycle
from kapture.jobs.errors import JobFailed, JobStopped
from kapture.jobs.models import Job
from kapture.jobs.run import Run
from kapture.objects.models import StoredObject
from kapture.objects.sweeping import sweep
from tests.accounts.planting import Planter, owned
from trends.models import Snapshot, Trend

pytestmark = pytest.mark.django_db
MARK, OTHER = "⟁", "⟐"
# What is no use to anybody but a thief, what only machines read, and what is kept for a day.
LEFT_OUT = {
    "accounts.ApiKey": {"digest"},
    "trends.Watch": {"webhook_secret"},
    "usersessions.UserSession": {"session_key"},
    "account.EmailConfirmation": {"key"},
    "audit.AuditEvent": {"request_id"},
    "objects.StoredObject": {"key", "sha256"},
    "api.Replay": {"key", "fingerprint", "data", "meta"},
    "web.SentForm": {"key", "goal"},
    "admin.LogEntry": {"object_repr", "change_message"},
}


def perform(export: DataExport) -> DataExport:
    """Do the work of an export here and now."""
    claimed = lifecycle.claim(export.job_id)
    assert claimed is not None
    perform_export(Run(claimed))
    export.refresh_from_db()
    return export


def opened(export: DataExport) -> zipfile.ZipFile:
    """The file of an export."""
    assert export.stored is not None
    return zipfile.ZipFile(io.BytesIO(default_storage.open(export.stored.key).read()))


def sound() -> None:
    """The oracle finds nothing."""
    assert {rule.name: ids for rule, ids in verify() if ids} == {}


def lines(archive: zipfile.ZipFile, path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read(path).splitlines()]


def test_everything_of_ones_own_is_inside_and_nothing_of_others(alice: User, bob: User, staff: User) -> None:
    planters = [Planter(user, staff, mark) for user, mark in ((alice, MARK), (bob, OTHER))]
    for planter in planters:
        planter.plant()
    archive = opened(perform(request_export(alice)))
    assert archive.testzip() is None
    names = "\n".join(archive.namelist())
    inside = names + "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    missing = {
        f"{model._meta.label}.{column}"
        for model in owned()
        for column, texts in marked(planters[0].rows[model], MARK).items()
        if column not in LEFT_OUT.get(model._meta.label, ()) and not all(text in inside for text in texts)
    }
    assert missing == set()
    for foreign in (OTHER, str(bob.pk), "bob@example.com", str(staff.pk), staff.email):
        assert foreign not in inside, foreign


def marked(row: Model, mark: str) -> dict[str, list[str]]:
    """The texts of a row that carry the mark, by column."""
    found = {}
    for field in row._meta.concrete_fields:
        if not field.generated:
            texts = [text for text in strings(getattr(row, field.attname)) if mark in text]
            if texts:
                found[field.name] = texts
    return found


def strings(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for pair in value.items() for part in pair for text in strings(part)]
        case list():
            return [text for part in value for text in strings(part)]
    return []


@pytest.mark.parametrize("title", ['a/b\\c: "d"? <e>|*', "..", "", "\x00\n", "ü" * 300, "CON. "])
def test_names_of_files_can_be_unpacked_anywhere(title: str) -> None:
    name = name_of(title, UUID(int=0xABCDEF))
    assert name.endswith(" abcdef")
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
    assert len(name) < 100


def test_media_are_as_they_are_stored_and_named_by_the_manifest(alice: User, staff: User) -> None:
    Planter(alice, staff, MARK).plant()
    archive = opened(perform(request_export(alice)))
    manifest = lines(archive, "media/manifest.jsonl")
    assert len(manifest) == StoredObject.objects.filter(owner=alice, state="live").count() - 1
    for entry in manifest:
        body = archive.read(entry["path"])
        assert (len(body), hashlib.sha256(body).hexdigest()) == (entry["size"], entry["sha256"])
        assert archive.getinfo(entry["path"]).compress_type == zipfile.ZIP_STORED


@pytest.mark.thorough
def test_ten_times_the_rows_need_no_more_memory(alice: User) -> None:
    now = timezone.now()
    trend = Trend.objects.create(
        owner=alice,
        platform="x",
        external_id="1",
        url="https://x.com/1",
        content_type="text",
        scraped_at=now,
        dated_at=now,
    )
    peaks = []
    for count in (2_000, 20_000):
        Snapshot.objects.bulk_create(
            [Snapshot(trend=trend, at=timezone.now(), views=n) for n in range(count)], batch_size=5_000
        )
        tracemalloc.start()
        export = perform(request_export(alice))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert export.counts["trend_snapshots"] == 22_000
    assert len(lines(opened(export), "data/trend_snapshots.jsonl")) == 22_000
    assert peaks[1] < 1.5 * peaks[0], peaks


def test_one_at_a_time_and_three_a_day(alice: User, bob: User) -> None:
    first = request_export(alice)
    assert request_export(alice) == first
    for _ in range(MOST_A_DAY - 1):
        perform(request_export(alice))
        request_export(alice)
    perform(request_export(alice))
    with pytest.raises(RateLimited) as refused:
        request_export(alice)
    assert 86_000 < (refused.value.retry_after or 0) <= 86_400
    assert request_export(bob).owner_id == bob.pk
    DataExport.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(hours=25))
    assert request_export(alice).pk != first.pk


def test_a_ready_export_is_announced_and_can_be_fetched_by_its_owner_alone(
    browser: Client, stranger: Client, alice: User
) -> None:
    assert "Prepare the file" in browser.get("/settings/data/").content.decode()
    assert browser.post("/settings/data/export/").status_code == 302
    assert 'class="card job"' in browser.get("/settings/data/").content.decode()
    fragment = browser.get("/settings/data/", headers={"HX-Request": "true"}).content.decode()
    assert fragment.lstrip().startswith("<section")
    export = perform(DataExport.objects.get())
    told = Notification.objects.get(owner=alice, kind="accounts.export")
    assert (told.path, told.wants_mail) == ("/settings/data/", True)
    assert "Download" in browser.get("/settings/data/").content.decode()
    path = f"/settings/data/export/{export.pk}/file/"
    answer = browser.get(path, follow=True)
    assert answer["Content-Disposition"] == f'attachment; filename="kapture-export-{timezone.now():%Y-%m-%d}.zip"'
    assert zipfile.is_zipfile(io.BytesIO(b"".join(answer.streaming_content)))
    assert stranger.get(path).status_code == 404


def test_the_file_goes_after_a_week(browser: Client, alice: User) -> None:
    export = perform(request_export(alice))
    assert export.stored is not None
    assert export.expires_at is not None
    assert abs(export.expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    key = export.stored.key
    assert expire_exports() == 0
    DataExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert browser.get(f"/settings/data/export/{export.pk}/file/").status_code == 409
    assert "has been deleted" in browser.get("/settings/data/").content.decode()
    assert expire_exports() == 1
    assert expire_exports() == 0
    sweep()
    assert not default_storage.exists(key)
    sound()


def test_programs_ask_once_and_get_a_link(api: Client, alice: User) -> None:
    asked = [api.post("/api/auth/export", {}, "application/json", headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert [answer.status_code for answer in asked] == [202, 202]
    told = asked[0].json()["data"]
    assert told == asked[1].json()["data"]
    assert (told["state"], told["file"], told["size"]) == ("queued", None, None)
    perform(DataExport.objects.get())
    detail = api.get(f"/api/auth/export/{told['id']}").json()["data"]
    assert detail["state"] == "completed"
    assert detail["counts"]["profile"] == 1
    body = b"".join(Client().get(detail["file"]["url"]).streaming_content)
    assert len(body) == detail["size"]
    listed = api.get("/api/auth/export").json()
    assert [row["id"] for row in listed["data"]] == [told["id"]]
    assert listed["meta"]["pagination"]["total"] == 1
    DataExport.objects.update(expires_at=timezone.now())
    gone = api.get(f"/api/auth/export/{told['id']}").json()["data"]
    assert (gone["state"], gone["file"], gone["size"]) == ("expired", None, None)


def test_staff_who_look_as_somebody_take_nothing_away(alice: User, staff: User) -> None:
    export = perform(request_export(alice))
    office = Client()
    office.force_login(staff)
    office.post(f"/admin/accounts/user/{alice.pk}/look/", {"reason": "A ticket says the export is empty"})
    assert "Export of" in office.get("/settings/data/").content.decode()
    assert office.get(f"/settings/data/export/{export.pk}/file/").status_code == 403
    assert office.get(f"/api/auth/export/{export.pk}").json()["data"]["file"] is None


def test_no_export_fills_the_disk(alice: User) -> None:
    StoredObject.objects.create(
        owner=alice, key=f"u/{alice.pk}/a.mp4", state="live", size=1 << 60, sha256="", content_type="video/mp4"
    )
    with pytest.raises(JobFailed, match="no room"):
        perform(request_export(alice))
    assert list(Path(settings.SCRATCH).iterdir()) == []


def test_a_cancelled_export_leaves_no_file(alice: User) -> None:
    export = request_export(alice)
    claimed = lifecycle.claim(export.job_id)
    assert claimed is not None
    Job.objects.filter(pk=export.job_id).update(cancel_requested=True)
    with pytest.raises(JobStopped):
        perform_export(Run(claimed))
    assert not StoredObject.objects.exists()
    assert list(Path(settings.SCRATCH).iterdir()) == []


def test_what_staff_did_to_others_is_not_theirs_to_take(alice: User, staff: User) -> None:
    record(staff, "accounts.user_saved", alice, changed=["a secret of Alice"])
    record(staff, "accounts.profile_changed", staff, fields=["name"])
    events = lines(opened(perform(request_export(staff))), "data/audit_events.jsonl")
    saved, changed = (
        next(e for e in events if e["action"] == f"accounts.{a}") for a in ("user_saved", "profile_changed")
    )
    assert set(saved) == {"id", "createdAt", "by", "action"}
    assert changed["data"] == {"fields": ["name"]}


def test_what_vendors_told_is_inside(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(clerk_id="user_a")
    Customer.objects.create(user=alice, stripe_id="cus_a")
    for provider, ident in (("clerk", "user_a"), ("clerk", "user_b"), ("stripe", "cus_a"), ("stripe", "cus_b")):
        WebhookEvent.objects.create(
            provider=provider, event_id=f"e-{ident}", kind="changed", payload={"data": {"object": {"id": ident}}},
            state="ignored",
        )  # fmt: skip
    archive = opened(perform(request_export(User.objects.get(pk=alice.pk))))
    assert [row["id"] for row in lines(archive, "data/clerk_events.jsonl")] == ["e-user_a"]
    assert [row["id"] for row in lines(archive, "data/stripe_events.jsonl")] == ["e-cus_a"]
