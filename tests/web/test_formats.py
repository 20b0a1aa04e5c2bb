"""Numbers and times read as people write them."""

from datetime import UTC, datetime, timedelta

import pytest

from kapture.web import formats

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"), (7, "7"), (950, "950"), (999, "999"), (1_000, "1K"), (1_284, "1.3K"), (9_200, "9.2K"),
        (92_100, "92.1K"),
        (99_949, "99.9K"), (99_950, "100K"), (612_000, "612K"), (999_499, "999K"), (999_500, "1M"),
        (4_200_000, "4.2M"),
        (2**63 - 1, "9223372T"), (-1_500, "-1.5K"), (None, "–"),
    ],
)  # fmt: skip
def test_compact_keeps_four_characters_and_never_reads_1000k(number, text):
    assert formats.compact(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (34, "0:34"), (767, "12:47"), (3_661, "1:01:01"), (None, "–"), (-1, "–"), (float("nan"), "–")],
)
def test_duration_is_a_clock(seconds, text):
    assert formats.duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1_000, "1 kB"), (31_000_000, "31 MB"), (41_200_000_000, "41.2 GB"), (None, "–")],
)
def test_sizes_are_powers_of_a_thousand(count, text):
    assert formats.filesize_si(count) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (79_000_000, 118_000_000, "79 of 118 MB"),
        (512_000, 1_200_000, "512 kB of 1.2 MB"),
        (0, 900, "0 of 900 B"),
        (999_400, 999_600, "999 kB of 1 MB"),
        (12, 118_000_000, "12 B of 118 MB"),
    ],
)
def test_two_sizes_say_a_shared_unit_once(part: int, whole: int, text: str) -> None:
    assert formats.filesize_of(part, whole) == text


@pytest.mark.parametrize(
    ("back", "text"),
    [
        (timedelta(seconds=5), "just now"), (timedelta(minutes=38), "38 min ago"), (timedelta(hours=14), "14 h ago"),
        (timedelta(hours=30), "yesterday"), (timedelta(days=3), "3 days ago"), (timedelta(days=30), "22 Oct"),
        (timedelta(days=400), "17 Oct 2025"), (timedelta(days=-3), "in 3 days"),
    ],
)  # fmt: skip
def test_ago_names_the_largest_unit(back, text):
    assert formats.ago(NOW - back, NOW) == text


def test_until_says_now_for_the_past():
    assert formats.until(NOW - timedelta(1), NOW) == "now"
    assert formats.until(NOW + timedelta(days=11, hours=3), NOW) == "in 11 days"
    assert formats.until(NOW + timedelta(days=9, hours=18), NOW) == "in 10 days"
    assert formats.until(NOW + timedelta(hours=23, minutes=59), NOW) == "in 23 h"
    assert formats.until(None) == "–"


@pytest.mark.parametrize(("name", "text"), [("Ana Reyes", "AR"), ("kenji@eats.example", "KE"), ("", "?"), ("—", "?")])
def test_initials(name, text):
    assert formats.initials(name) == text
