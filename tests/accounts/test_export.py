"""What somebody takes away: everything of theirs, nothing of others, in a file that can be read."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.utils import timezone

from accounts.exporting.performing import perform_export
from accounts.exporting.services import MOST_A_DAY, expire_exports, request_export
from accounts.models import DataExport, Notification, User
from kapture.core.errors import RateLimited
from kapture.jobs import lifecycle
from kapture.jobs.models import Job, State
from kapture.jobs.run import Run
from kapture.objects.models import StoredObject
from kapture.objects.services import sweep
from tests.accounts.planting import Planter, owned

pytestmark = pytest.mark.django_db
MARK, OTHER = "⟁", "⟐"
# What is no use to anybody but a thief, what only machines read, and what is kept for a day.
LEFT_OUT = {
    "accounts.ApiKey": {"digest"},
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
    from django.core.files.storage import default_storage

    return zipfile.ZipFile(io.BytesIO(default_storage.open(export.stored.key).read()))


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


def test_media_are_as_they_are_stored_and_named_by_the_manifest(alice: User, staff: User) -> None:
    Planter(alice, staff, MARK).plant()
    archive = opened(perform(request_export(alice)))
    manifest = lines(archive, "media/manifest.jsonl")
    assert len(manifest) == StoredObject.objects.filter(owner=alice, state="live").count() - 1
    for entry in manifest:
        body = archive.read(entry["path"])
        assert (len(body), hashlib.sha256(body).hexdigest()) == (entry["size"], entry["sha256"])
        assert archive.getinfo(entry["path"]).compress_type == zipfile.ZIP_STORED
    assert apps and State and Job and timedelta and timezone and Notification and RateLimited and MOST_A_DAY
    assert expire_exports and sweep
