"""What is said in a download: kept with it, searched, written out, and gone with it."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from downloads import captions
from downloads.holdings import files_of
from downloads.models import Caption, Download
from kapture.gateways.media.captions import Cue, as_text, bounded, parse
from kapture.objects.models import StoredObject
from tests.downloads.captured import CUES, captured, finished, page
from tests.gateways.media.site import Site

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lesson(alice: User, tmp_path: Path, clip: bytes) -> Download:
    return finished(alice, tmp_path / "lesson", clip)


def test_captions_are_fetched_and_kept_with_the_download(alice: User, site: Site, clip: bytes) -> None:
    lesson = captured(alice, page(site, clip))
    rows = list(Caption.objects.filter(download=lesson))
    assert [(row.language, row.automatic) for row in rows] == [("de", False), ("en", False)]
    assert rows[1].cues == [list(cue) for cue in CUES]
    assert rows[1].file is not None
    assert rows[1].file.state == StoredObject.State.LIVE
    held = {row.pk for row in files_of(lesson)}
    assert held == {lesson.media_id, lesson.thumbnail_id, *(row.file_id for row in rows)}
    assert held == set(StoredObject.objects.values_list("pk", flat=True))


def test_captions_that_were_not_asked_for_do_not_come(alice: User, site: Site, clip: bytes, perform: Any) -> None:
    perform(alice, page(site, clip))
    assert not Caption.objects.exists()
    assert "/en.vtt" not in site.hits


def caption(*lines: str) -> Caption:
    return Caption(language="en", cues=[[float(place), place + 1.0, line] for place, line in enumerate(lines)])


def found(row: Caption, find: str) -> list[tuple[int, str]]:
    script = captions.transcript(row, find)
    return [(line.number, "".join(piece.text for piece in line.pieces if piece.is_hit)) for line in script.lines]


@pytest.mark.parametrize(
    ("find", "expected"),
    [
        ("HEAT", [(1, "heat")]),
        ("creme brulee", [(1, "crème brûlée")]),
        ("acid and", [(0, "acid"), (1, "and")]),
        ("  salt ", [(0, "Salt"), (2, "Salt")]),
        ("acid and heat & crème brûlée salt", [(0, "acid"), (1, "and heat & crème brûlée"), (2, "Salt")]),
        ("straße", []),
        (".*", []),
        ("\0", None),
    ],
)
def test_words_are_found_however_they_are_written(find: str, expected: list[tuple[int, str]] | None) -> None:
    row = caption("Salt, fat, acid", "and heat & crème brûlée", "Salt again")
    if expected is None:
        assert len(captions.transcript(row, find).lines) == 3
    else:
        assert found(row, find) == expected


def test_letters_that_fold_into_two_are_marked_whole() -> None:
    assert found(caption("Die Straße", "İstanbul"), "STRASSE") == [(0, "Straße")]
    assert found(caption("Die Straße", "İstanbul"), "istanbul") == [(1, "İstanbul")]


def test_a_word_that_is_said_without_end_is_told_up_to_a_bound() -> None:
    script = captions.transcript(caption(*["so so so so"] * 200), "so")
    assert (script.hits, script.is_cut, len(script.lines)) == (captions.HITS, True, captions.HITS // 4)


def test_a_long_transcript_comes_in_parts() -> None:
    row = caption(*[f"line {number}" for number in range(captions.PART + 5)])
    first, last = captions.transcript(row, part=1), captions.transcript(row, part=99)
    assert (len(first.lines), first.earlier, first.later) == (captions.PART, None, 2)
    assert (last.part, len(last.lines), last.lines[0].number, last.later) == (2, 5, captions.PART, None)


def test_the_page_shows_searches_and_marks_lines(browser: Client, lesson: Download) -> None:
    address = f"/downloads/{lesson.pk}/"
    body = browser.get(address, {"language": "en"}).content.decode()
    assert "Salt, fat &lt;b&gt;acid" in body
    assert 'kind="captions"' in body
    body = browser.get(address, {"language": "en", "find": "acid and"}).content.decode()
    assert "<mark>acid</mark>" in body
    assert "Salt again" not in body
    htmx = {"HX-Request": "true", "HX-Target": "transcript"}
    part = browser.get(address, {"language": "de"}, headers=htmx).content.decode()
    assert part.lstrip().startswith("<section")
    assert "Säure" in part


def test_the_words_are_written_out_in_three_forms(browser: Client, stranger: Client, lesson: Download) -> None:
    row = Caption.objects.get(language="en")
    for form, start in (("vtt", "WEBVTT"), ("srt", "1\n00:00:00,000"), ("txt", "Salt, fat <b>acid\n")):
        address = f"/downloads/{lesson.pk}/captions/{row.pk}.{form}"
        response = browser.get(address)
        assert response.content.decode().startswith(start)
        assert "attachment" in response["Content-Disposition"]
        assert response["X-Content-Type-Options"] == "nosniff"
        assert stranger.get(address).status_code == 404
        if form == "vtt":
            assert parse(response.content, form) == CUES
    assert browser.get(f"/downloads/{lesson.pk}/captions/{row.pk}.html").status_code == 404


def test_the_api_tells_lines_and_places(api: Client, lesson: Download) -> None:
    address = f"/api/downloads/{lesson.pk}/transcript"
    data = api.get(address, {"language": "en", "q": "salt"}).json()["data"]
    assert (data["language"], data["languages"], data["found"]) == ("en", ["de", "en"], 2)
    assert data["lines"][0] == {
        "number": 0, "start": 0.0, "end": 0.3, "text": "Salt, fat <b>acid", "hits": [[0, 4]],
    }  # fmt: skip
    assert api.get(address, {"language": "xx"}).status_code == 404
    assert api.get(address, {"part": "0"}).status_code == 400


def test_the_page_takes_no_more_queries_for_more_lines_and_clips(
    browser: Client, alice: User, lesson: Download
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert browser.get(f"/downloads/{lesson.pk}/?language=en").status_code == 200
        return len(seen)

    queries()  # what is read once and remembered
    few = queries()
    Caption.objects.filter(language="en").update(cues=[[n / 10, n / 10 + 1, "x"] for n in range(250)])
    assert queries() == few


def test_a_transcript_of_nothing_but_different_words_fits_the_index(lesson: Download) -> None:
    """PostgreSQL refuses a text with more than a megabyte of different words, which would refuse the whole download."""
    words = " ".join(f"{number:x}" for number in range(90_000))
    lines = [words[place : place + 400] for place in range(0, len(words), 400)]
    kept = bounded(Cue(float(place), place + 1.0, line) for place, line in enumerate(lines))
    letters = bounded(Cue(float(n), n + 1.0, chr(0x4E00 + n) * 2 + chr(0x10400 + n % 80)) for n in range(20_000))
    for cues in (kept, letters):
        Caption.objects.filter(language="en").update(text=as_text(cues))
    assert Caption.objects.filter(language="en").exclude(search="").exists()
