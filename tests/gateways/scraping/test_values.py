"""Single values are read in every form actors write them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kapture.gateways.scraping.moments import moment
from kapture.gateways.scraping.types import DatePrecision
from kapture.gateways.scraping.values import count, hashtag, language, link, seconds, text
from tests.gateways.scraping.samples import NOW


@pytest.mark.parametrize(
    ("written", "number"),
    [
        (0, 0),
        ("2044.8B", 2_044_800_000_000),
        ("556B", 556_000_000_000),
        ("1.2K", 1_200),
        ("1,234,567", 1_234_567),
        ("3.4M views", 3_400_000),
        ("123.0", 123),
        (12.9, 12),
        (2**63 - 1, 2**63 - 1),
        ("9223372036854775807", 2**63 - 1),
        (2**63, None),
        ("1.234", None),
        (-1, None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        ("", None),
        ("9" * 5_000, None),
        ("١٢", None),
        ([5], None),
    ],
)
def test_counters_are_read_or_unknown(written: Any, number: int | None) -> None:
    assert count(written) == number


def test_only_a_score_can_be_negative() -> None:
    assert count("-7", negative=True) == -7


@pytest.mark.parametrize(
    ("written", "length"),
    [("00:00:25", 25), ("0:20", 20), ("1:02:03", 3_723), (15, 15), ("15", 15), ("PT1M3S", 63), (0, None), ("P", None)],
)
def test_durations_are_read_in_all_their_forms(written: Any, length: int | None) -> None:
    assert seconds(written) == length


@pytest.mark.parametrize(
    ("written", "at", "precision"),
    [
        ("2025-08-28T08:17:01.000Z", datetime(2025, 8, 28, 8, 17, 1, tzinfo=UTC), DatePrecision.EXACT),
        ("2025-08-28T10:17:01+02:00", datetime(2025, 8, 28, 8, 17, 1, tzinfo=UTC), DatePrecision.EXACT),
        (1_747_828_531, datetime(2025, 5, 21, 11, 55, 31, tzinfo=UTC), DatePrecision.EXACT),
        ("1747828531000", datetime(2025, 5, 21, 11, 55, 31, tzinfo=UTC), DatePrecision.EXACT),
        ("Sat Dec 06 17:11:22 +0000 2025", datetime(2025, 12, 6, 17, 11, 22, tzinfo=UTC), DatePrecision.EXACT),
        ("9 years ago", NOW - 9 * timedelta(days=365.2425), DatePrecision.RELATIVE),
        ("Streamed 2 days ago", NOW - timedelta(days=2), DatePrecision.RELATIVE),
        ("Created Jun 14, 2009", datetime(2009, 6, 14, tzinfo=UTC), DatePrecision.DAY),
        ("Apr 22, 2008", datetime(2008, 4, 22, tzinfo=UTC), DatePrecision.DAY),
        ("20250611", datetime(2025, 6, 11, tzinfo=UTC), DatePrecision.DAY),
    ],
)
def test_dates_are_read_in_all_their_forms(written: Any, at: datetime, precision: DatePrecision) -> None:
    found = moment(written, now=NOW)
    assert (found.at, found.precision) == (at, precision)


@pytest.mark.parametrize(
    "written",
    ["13.09", "#VALUE!", "", None, True, [], {}, "0001-01-01T00:00:00+14:00", "9999-12-31", 10**30, float("nan"),
     "2025-02-30", "Sat Xyz 06 17:11:22 +0000 2025", "2027-01-01T00:00:00Z", "99999 years ago"],
)  # fmt: skip
def test_a_date_that_cannot_be_is_unknown(written: Any) -> None:
    assert moment(written, now=NOW).at is None


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("https://Example.com/a?b=1#c", "https://example.com/a?b=1"),
        ("https://user:pass@example.com/", "https://example.com/"),
        ("javascript:alert(1)", ""),
        ("http://[::1", ""),
        ("https://exa mple.com/", ""),
        ("https://example.com/\x00", ""),
        ("https://example.com/" + "a" * 3_000, ""),
        ("self", ""),
        (None, ""),
    ],
)
def test_only_plain_web_addresses_are_links(written: Any, clean: str) -> None:
    assert link(written) == clean


def test_text_loses_what_a_database_cannot_hold_and_keeps_what_people_write() -> None:
    assert text("a\x00b\ud800c\r\nd \u200d👩\u200d🚀 \u202babc") == "abc\nd \u200d👩\u200d🚀 \u202babc"
    assert text("x" * 10**6, 500) == "x" * 500
    assert text("a <!-- b -->") == "a <! -- b -->"
    assert text("&amp;amp; &#0; &lt;b&gt;", entities=True) == "&amp; \ufffd <b>"


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("#Fashion", "fashion"),
        ("नेपाली", "नेपाली"),
        ("STRASSE", "strasse"),
        ("123", ""),
        ("#", ""),
        (None, ""),
        ("x" * 400, ""),
    ],
)
def test_hashtags_have_one_form(written: Any, tag: str) -> None:
    assert hashtag(written) == tag


@pytest.mark.parametrize(
    ("written", "code"), [("en", "en"), ("pt-BR", "pt"), ("un", ""), ("zxx", ""), (5, ""), ("EN_us", "en")]
)
def test_languages_are_primary_codes(written: Any, code: str) -> None:
    assert language(written) == code
