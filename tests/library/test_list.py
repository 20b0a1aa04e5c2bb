"""The list of everything somebody has."""

import pytest

from accounts.models import User
from kapture.core.choices import Platform
from kapture.core.errors import InvalidInput
from kapture.core.paging import COUNT_LIMIT, PageRequest
from library import counting
from library.specs import Kind
from tests.library.finding import find, marks, titles
from tests.library.things import NOW, board, download, minutes_ago, trend


def test_it_shows_things_of_all_rooms_newest_first(alice: User) -> None:
    trend(alice, "Second", scraped_at=minutes_ago(2))
    download(alice, "First", created_at=minutes_ago(1))
    board(alice, "Third", edited_at=minutes_ago(3))

    found = find(alice)

    assert titles(found) == ["First", "Second", "Third"]
    assert [item.kind for item in found.page.rows] == [Kind.DOWNLOAD, Kind.TREND, Kind.BOARD]


def test_things_of_one_moment_have_one_order_and_none_is_lost_between_pages(alice: User) -> None:
    for number in range(4):
        trend(alice, f"Trend {number}", scraped_at=NOW)
        board(alice, f"Board {number}", edited_at=NOW)
        download(alice, f"Download {number}", created_at=NOW)

    seen: list[str] = []
    cursor = ""
    for _ in range(6):
        page = find(alice, page=PageRequest(limit=2, cursor=cursor)).page
        seen += [item.title for item in page.rows]
        cursor = page.next_cursor or ""

    assert cursor == ""
    assert len(seen) == len(set(seen)) == 12
    assert seen == titles(find(alice, page=PageRequest(limit=12)))


def test_a_cursor_holds_its_place_when_newer_things_arrive(alice: User) -> None:
    for number in range(4):
        trend(alice, f"Trend {number}", scraped_at=minutes_ago(number))
    first = find(alice, page=PageRequest(limit=2))

    trend(alice, "New", scraped_at=minutes_ago(-1))

    second = find(alice, page=PageRequest(limit=2, cursor=first.page.next_cursor or ""))
    assert titles(first) + titles(second) == ["Trend 0", "Trend 1", "Trend 2", "Trend 3"]


def test_pages_by_number_follow_each_other(alice: User) -> None:
    for number in range(5):
        board(alice, f"Board {number}", edited_at=minutes_ago(number))

    pages = [titles(find(alice, page=PageRequest(page=number, limit=2))) for number in (1, 2, 3, 4)]

    assert pages == [["Board 0", "Board 1"], ["Board 2", "Board 3"], ["Board 4"], []]


def test_a_page_number_beyond_what_is_counted_is_refused_in_favour_of_the_cursor(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "FACET_LIMIT", 1)
    trend(alice)
    trend(alice)
    with pytest.raises(InvalidInput) as refusal:
        find(alice, page=PageRequest(page=COUNT_LIMIT // 20 + 1, limit=20))
    assert "page" in refusal.value.details


def test_type_and_platform_narrow_it(alice: User) -> None:
    trend(alice, "Tube", platform=Platform.YOUTUBE)
    trend(alice, "Tok", platform=Platform.TIKTOK)
    download(alice, "Clip", platform=Platform.TIKTOK)
    download(alice, "Elsewhere")
    board(alice, "Plan")

    assert set(titles(find(alice, kind="trend"))) == {"Tube", "Tok"}
    assert set(titles(find(alice, platforms=["tiktok"]))) == {"Tok", "Clip"}
    assert set(titles(find(alice, platforms=["tiktok", "youtube"]))) == {"Tube", "Tok", "Clip"}
    assert titles(find(alice, kind="download", platforms=["tiktok"])) == ["Clip"]
    assert titles(find(alice, kind="board", platforms=["tiktok"])) == []


def test_counts_are_told_for_each_type_and_platform_under_the_other_filters(alice: User) -> None:
    trend(alice, platform=Platform.YOUTUBE)
    trend(alice, platform=Platform.TIKTOK)
    download(alice, platform=Platform.TIKTOK)
    download(alice)
    board(alice)

    found = find(alice, platforms=["tiktok"])

    assert str(found.facets.of_kind(None, found.query)) == "2"
    assert str(found.facets.of_kind(Kind.BOARD, found.query)) == "0"
    assert str(found.facets.of_platform(Platform.TIKTOK, found.query)) == "2"
    assert str(found.facets.of_platform(Platform.YOUTUBE, found.query)) == "1"
    assert str(found.facets.everything) == "5"
    assert found.page.total == 2
    assert found.page.exact


def test_counting_stops_and_says_so(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "FACET_LIMIT", 3)
    for _ in range(4):
        trend(alice, "same", platform=Platform.X)
    trend(alice, "same", platform=Platform.REDDIT)
    board(alice, "same")

    found = find(alice)
    assert str(found.facets.of_platform(Platform.X, found.query)) == "3+"
    assert str(found.facets.of_platform(Platform.REDDIT, found.query)) == "1"
    assert str(found.facets.of_kind(Kind.BOARD, found.query)) == "1"
    assert (found.page.total, found.page.exact) == (5, False)

    monkeypatch.setattr(counting, "MATCH_LIMIT", 3)
    searched = find(alice, "same")
    assert str(searched.facets.of_kind(Kind.TREND, searched.query)) == "3+"
    assert str(searched.facets.of_kind(Kind.BOARD, searched.query)) == "1"
    assert len(searched.page.rows) == 6


def test_an_untitled_post_stands_under_the_words_its_room_gives_it(alice: User) -> None:
    trend(alice, "", text="\nFirst line\nSecond line", platform=Platform.X)
    assert titles(find(alice)) == ["First line"]
    assert marks(find(alice, "first")) == [[]]
    assert [piece.text for piece in find(alice, "first").page.rows[0].extract if piece.hit] == ["First"]
