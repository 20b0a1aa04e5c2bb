"""The page of one download in each of its states, whole and in parts."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from downloads.clipping import ClipSpec, request_clip
from downloads.models import Caption, Download
from downloads.services import request_download
from downloads.specs import DownloadSpec
from kapture.jobs.models import Job
from tests.downloads.captured import finished

pytestmark = pytest.mark.django_db


@pytest.fixture
def lesson(alice: User, tmp_path: Path, clip: bytes) -> Download:
    return finished(alice, tmp_path / "lesson", clip)


def text(response: Any) -> str:
    return str(response.content.decode())


def shown(browser: Client, download: Download, **query: str) -> str:
    response = browser.get(f"/downloads/{download.pk}/", query)
    assert response.status_code == 200
    return text(response)


def test_everything_that_came_is_on_the_page(browser: Client, lesson: Download) -> None:
    body = shown(browser, lesson)
    assert body.count("<track ") == 2
    assert "Salt &lt;first&gt;" in body
    assert "Beyond the end" not in body
    for part in ("Transcript", "Cut a clip", "Evidence", "Files", "Source"):
        assert f'<h2 class="card-title">{part}</h2>' in body
    assert lesson.sha256 in body
    assert "1,284,000" in body
    assert "<heat>" not in body
    assert "media-page" in body
    assert 'data-seek="0.500"' in body


def test_each_part_comes_alone_for_htmx(browser: Client, lesson: Download) -> None:
    for target, start in (("transcript", "<section"), ("evidence", "<section"), ("download", '<div id="download"')):
        response = browser.get(f"/downloads/{lesson.pk}/", headers={"HX-Request": "true", "HX-Target": target})
        body = text(response).lstrip()
        assert body.startswith(start)
        assert "<html" not in body


def test_a_waiting_a_failed_and_an_expired_one_say_so(browser: Client, alice: User, lesson: Download) -> None:
    waiting = request_download(alice, DownloadSpec(url="https://www.youtube.com/watch?v=other"))
    assert 'hx-trigger="rows-changed from:body"' in shown(browser, waiting)
    Job.objects.filter(pk=waiting.job_id).update(
        state="failed", error_code="private", error_message="The author has made this private.", remedy="Ask them."
    )
    Download.objects.filter(pk=waiting.pk).update(state="failed", reason="private")
    body = shown(browser, waiting)
    assert "The author has made this private." in body
    assert "Cut a clip" not in body
    Download.objects.filter(pk=lesson.pk).update(media=None, expired_at=timezone.now())
    body = shown(browser, lesson, verify="1")
    assert "The file had to go" in body
    assert f"/downloads/?url={quote(lesson.source_url, safe='')}" in body
    assert "not kept any more" in body
    assert "Cut a clip" not in body
    assert "<video" not in body


def test_a_clip_shows_where_it_is_from(browser: Client, alice: User, lesson: Download) -> None:
    made = request_clip(alice, lesson, ClipSpec(0.2, 0.8))
    body = shown(browser, made)
    assert f'href="/downloads/{lesson.pk}/"' in body
    assert "0:00.2–0:00.8" in body
    assert f'href="/downloads/{made.pk}/"' in shown(browser, lesson)


def test_what_came_without_captions_says_why(browser: Client, alice: User, tmp_path: Path, clip: bytes) -> None:
    bare = finished(alice, tmp_path / "bare", clip, told={})
    assert "The site offers no captions for this." in shown(browser, bare)
    Download.objects.filter(pk=bare.pk).update(subtitles=False)
    assert "Captions were not asked for." in shown(browser, bare)


@pytest.mark.parametrize(
    "query", [{"part": "x"}, {"part": "-1"}, {"part": "99999"}, {"find": "%00"}, {"language": "x"}]
)
def test_senseless_questions_get_an_answer(browser: Client, lesson: Download, query: dict[str, str]) -> None:
    assert "Transcript" in shown(browser, lesson, **query)


def test_the_page_takes_as_many_queries_for_ten_clips_as_for_one(
    browser: Client, alice: User, lesson: Download
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            shown(browser, lesson)
        return len(seen)

    request_clip(alice, lesson, ClipSpec(0.0, 0.5))
    queries()  # what is read once and remembered
    few = queries()
    for place in range(9):
        request_clip(alice, lesson, ClipSpec(place / 20, 0.9))
    Caption.objects.filter(language="en").update(language="fr")
    assert queries() == few


def test_nobody_else_sees_any_of_it(stranger: Client, lesson: Download) -> None:
    row = Caption.objects.filter(download=lesson).first()
    assert row is not None
    for path in ("", "evidence.json", f"captions/{row.pk}.vtt"):
        assert stranger.get(f"/downloads/{lesson.pk}/{path}").status_code == 404
    assert stranger.post(f"/downloads/{lesson.pk}/clips/", {"start": "0", "end": "1"}).status_code == 404
