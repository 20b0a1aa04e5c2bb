"""What a site says about media, cleaned and bounded."""

from typing import Any

import pytest

from kapture.gateways.media import extract, telling
from kapture.gateways.media.types import About, Chapter
from kapture.gateways.media.wire import read_message, write_message


def test_text_keeps_its_lines_and_loses_what_could_act() -> None:
    told = telling.passage("Salt\r\n\0fat\x07\u202e\ud800\tacid \u200d\n\n" + "x" * 30_000)
    assert told.startswith("Salt\nfat\tacid \u200d\n\nxxx")
    assert len(told) == telling.PASSAGE


@pytest.mark.parametrize(
    ("info", "seconds"),
    [
        ({"timestamp": 1_700_000_000.5, "upload_date": "20200101"}, 1_700_000_000.5),
        ({"release_timestamp": 1_700_000_000}, 1_700_000_000.0),
        ({"upload_date": "20231114"}, 1_699_920_000.0),
        ({"timestamp": 9e12, "upload_date": "yesterday"}, None),
        ({"timestamp": True}, None),
        ({"timestamp": float("nan"), "upload_date": None}, None),
        ({"upload_date": "00010101"}, None),
    ],
)
def test_the_moment_of_publishing_is_one_or_unknown(info: dict[str, Any], seconds: float | None) -> None:
    assert telling.published(info) == seconds


def test_counters_are_whole_numbers_and_zero_is_one() -> None:
    told = {"view_count": 12.0, "like_count": 0, "comment_count": "9", "repost_count": -4, "dislike_count": 1e99}
    assert telling.metrics(told) == {"views": 12, "likes": 0}


def test_chapters_have_a_name_and_a_length_and_come_in_order() -> None:
    told: list[Any] = [
        {"title": "Second", "start_time": 10, "end_time": 20.5},
        {"title": "First", "start_time": 0, "end_time": 10},
        {"title": "", "start_time": 1, "end_time": 2},
        {"title": "Backwards", "start_time": 5, "end_time": 4},
        {"title": "Endless", "start_time": 5},
    ]
    assert telling.chapters({"chapters": told}) == (Chapter("First", 0.0, 10.0), Chapter("Second", 10.0, 20.5))
    many = [{"title": "x", "start_time": 1, "end_time": 2}] * 900
    assert len(telling.chapters({"chapters": many})) == telling.MAX_CHAPTERS
    for senseless in (None, "x", {"a": 1}, [None, "x", 5]):
        assert telling.chapters({"chapters": senseless}) == ()


def test_tags_come_once_and_bounded() -> None:
    assert telling.tags({"tags": ["a", "b\0", "a", "", None]}) == ("a", "b")
    assert len(telling.tags({"tags": [str(number) for number in range(900)]})) == telling.MAX_TAGS
    assert telling.tags({"tags": "abc"}) == ()


def test_all_of_it_survives_the_pipe(tmp_path: Any) -> None:
    about = extract.about(
        {
            "description": "Salt",
            "timestamp": 5,
            "view_count": 7,
            "language": "pt-BR",
            "tags": ["x"],
            "chapters": [{"title": "One", "start_time": 0, "end_time": 1}],
        }
    )
    assert about == About(
        description="Salt", published=5.0, metrics={"views": 7}, language="pt-BR", tags=("x",),
        chapters=(Chapter("One", 0.0, 1.0),),
    )  # fmt: skip
    assert read_message(write_message(about), tmp_path) == about
