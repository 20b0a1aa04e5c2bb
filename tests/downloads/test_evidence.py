"""What a post was at its capture: written once, sealed, and checked by anybody."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError
from django.test import Client

from accounts.models import User
from downloads import evidence
from downloads.models import Download, Evidence
from kapture.core.oracle import verify
from tests.downloads.captured import ABOUT, captured, finished, page
from tests.gateways.media.site import Site

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lesson(alice: User, tmp_path: Path, clip: bytes) -> Download:
    return finished(alice, tmp_path / "lesson", clip, told={})


def broken() -> set[str]:
    """The rules of evidence that something breaks."""
    return {rule.name[:3] for rule, ids in verify() if ids and rule.name.startswith("D")}


def test_what_the_page_told_is_sealed_with_the_file(lesson: Download) -> None:
    row = Evidence.objects.get()
    assert (row.title, row.author, row.text) == (ABOUT.title, ABOUT.author, "Salt, fat,\nacid & <heat>")
    assert (row.url, row.metrics, row.media_sha256) == (
        ABOUT.webpage_url,
        {"likes": 0, "views": 1_284_000},
        lesson.sha256,
    )
    assert row.published_at is not None
    assert row.published_at.isoformat() == "2023-11-14T22:13:20+00:00"
    assert evidence.verify(row) == evidence.Verdict(seal=True, media=True, was_read=True)
    assert broken() == set()


def test_the_seal_is_that_of_the_documented_spelling(browser: Client, lesson: Download) -> None:
    """Computed here from the saved file alone, as somebody elsewhere would."""
    response = browser.get(f"/downloads/{lesson.pk}/evidence.json")
    saved = json.loads(response.content)
    seal = saved.pop("digest")
    spelling = json.dumps(saved, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(spelling.encode()).hexdigest() == seal == Evidence.objects.get().digest
    assert "attachment" in response["Content-Disposition"]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another"},
        {"metrics": {"views": 1_284_001, "likes": 0}},
        {"published_at": None},
        {"text": ""},
        {"digest": "0" * 64},
    ],
)
def test_any_change_breaks_the_seal(browser: Client, lesson: Download, change: dict[str, Any]) -> None:
    Evidence.objects.update(**change)
    assert evidence.verify(Evidence.objects.get()).seal is False
    assert broken() == {"D01"}
    body = browser.get(f"/downloads/{lesson.pk}/", {"verify": "1"}).content.decode()
    assert "The words are not those that were sealed." in body


def test_a_file_that_was_exchanged_is_found(lesson: Download) -> None:
    assert lesson.media is not None
    Path(default_storage.path(lesson.media.key)).write_bytes(b"x" * lesson.media.size)
    assert evidence.verify(Evidence.objects.get()) == evidence.Verdict(seal=True, media=False, was_read=True)
    default_storage.delete(lesson.media.key)
    assert not evidence.verify(Evidence.objects.get()).holds


def test_a_large_file_is_not_read_for_a_page(lesson: Download, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "READ_AGAIN", 10)
    assert evidence.verify(Evidence.objects.get()) == evidence.Verdict(seal=True, media=True)


def test_a_file_that_is_not_kept_leaves_the_words(lesson: Download) -> None:
    Download.objects.update(media=None)
    assert evidence.verify(Evidence.objects.get()) == evidence.Verdict(seal=True, media=None)


def test_it_is_written_once(lesson: Download) -> None:
    with pytest.raises(IntegrityError):
        evidence.capture(lesson, ABOUT, lesson.sha256)


def test_a_site_that_tells_nothing_leaves_what_is_known(alice: User, tmp_path: Path, clip: bytes) -> None:
    lesson = finished(
        alice,
        tmp_path / "bare",
        clip,
        told={},
        about=replace(ABOUT, webpage_url="", description="", metrics={}, published=None),
    )
    row = Evidence.objects.get()
    assert (row.url, row.text, row.metrics, row.published_at) == (lesson.url, "", {}, None)
    assert evidence.verify(row).holds


def test_the_page_of_a_real_download_tells_what_it_said(
    browser: Client, api: Client, stranger: Client, alice: User, site: Site, clip: bytes
) -> None:
    lesson = captured(alice, page(site, clip))
    row = Evidence.objects.get()
    assert (row.url, row.text, row.title) == (lesson.url, "How to cook without a recipe.", "A page")
    body = browser.get(
        f"/downloads/{lesson.pk}/", {"verify": "1"}, headers={"HX-Request": "true", "HX-Target": "evidence"}
    )
    assert "has the same checksum" in body.content.decode()
    data = api.get(f"/api/downloads/{lesson.pk}/evidence").json()["data"]
    assert (data["digest"], data["verdict"]) == (row.digest, {"seal": True, "media": True, "wasRead": True})
    assert data["statement"] == evidence.statement(row)
    assert stranger.get(f"/downloads/{lesson.pk}/evidence.json").status_code == 404
