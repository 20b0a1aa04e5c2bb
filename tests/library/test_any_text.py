"""Searching for whatever people type."""

import pytest

from accounts.models import User
from kapture.core.errors import InvalidInput
from library import asking
from library.queries import suggest
from tests.library.finding import find, marks, titles
from tests.library.things import board, download, minutes_ago, trend


@pytest.mark.parametrize(
    ("title", "q"),
    [
        ("Launch day 🚀 at last", "🚀"),
        ("100% wool_and_silk", "%"),
        ("100% wool_silk", "_"),
        ("Fish & chips \\ vinegar", "\\"),
    ],
)
def test_text_without_words_is_found_where_it_occurs(alice: User, title: str, q: str) -> None:
    trend(alice, title)
    trend(alice, "Something else")

    found = find(alice, q)

    assert titles(found) == [title]
    assert marks(found) == [[q]]
    assert "newest 5,000" in found.limits


@pytest.mark.parametrize(
    ("title", "q", "hit"),
    [
        ("深煎りコーヒーの淹れ方", "コーヒー", "コーヒー"),
        ("北京最好的咖啡馆推荐", "咖啡", "咖啡"),
        ("วิธีชงกาแฟที่บ้าน", "กาแฟ", "กาแฟ"),
        ("맛있는 커피를 만드는 법", "커피", "커피를"),
        ("Le Café de la Gare", "cafe", "Café"),
        ("Le Cafe de la Gare", "café", "Cafe"),
        ("Ёлка и Москва", "ёлка", "Ёлка"),
    ],
)
def test_words_of_any_language_are_found_through_the_index(alice: User, title: str, q: str, hit: str) -> None:
    trend(alice, title)
    board(alice, title)
    trend(alice, "Something else")

    found = find(alice, q)

    assert titles(found) == [title, title]
    assert marks(found) == [[hit], [hit]]
    assert found.limits == ""


def test_letters_of_a_script_without_spaces_count_in_their_order(alice: User) -> None:
    trend(alice, "東京タワーの夜")

    assert titles(find(alice, "東京")) == ["東京タワーの夜"]
    assert titles(find(alice, "京東")) == []
    assert titles(find(alice, "夜 東京")) == ["東京タワーの夜"]
    assert titles(find(alice, "夜 -東京")) == []
    assert titles(find(alice, '"東京" or kite')) == ["東京タワーの夜"]


def test_it_reads_arabic_and_hebrew(alice: User) -> None:
    trend(alice, "قهوة عربية في الصباح")
    trend(alice, "מתכון לקפה טוב")

    assert titles(find(alice, "عربية")) == ["قهوة عربية في الصباح"]
    assert titles(find(alice, "לקפה")) == ["מתכון לקפה טוב"]


def test_a_pasted_address_finds_what_came_from_it(alice: User) -> None:
    trend(alice, "From there", url="https://www.tiktok.com/@a/video/123")
    download(alice, "Also from there", url="https://www.tiktok.com/@a/video/123")
    trend(alice, "From elsewhere", url="https://www.tiktok.com/@a/video/999")

    assert set(titles(find(alice, "https://www.tiktok.com/@a/video/123"))) == {"From there", "Also from there"}


def test_a_search_for_signs_looks_through_the_newest_only(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "SCANNED", 2)
    for number in range(4):
        trend(alice, f"🚀 {number}", scraped_at=minutes_ago(number))

    assert titles(find(alice, "🚀")) == ["🚀 0", "🚀 1"]


@pytest.mark.parametrize(
    "q",
    [
        "'; DROP TABLE trends_trend; --", "\" OR 1=1 --", "a:* & b", "!!!", "(((", ")", "<->", "'", "''", "\\", "\\'",
        "-", "--", '"', '""', '"unclosed phrase', "or", "or or or", "a or", "-a", '-"a b"', "(-a-b", "foo (-bar-baz",
        "%", "%%", "_", "%s %(x)s {0}", "$1", "\u202e abc", "e\u0301", "\ue000x\ue001",
        "🚀" * 50, "ا" * 100, "w " * 40, "x" * 300, "<script>alert(1)</script>", "../../etc/passwd", "don't", "O'Neil",
    ],
)  # fmt: skip
def test_any_text_is_a_question(alice: User, q: str) -> None:
    trend(alice, "An ordinary trend")
    board(alice, "An ordinary board")

    for sort in ("best", "newest"):
        find(alice, q, sort=sort)
    suggest(alice, q)


def test_wildcards_stand_for_themselves(alice: User) -> None:
    trend(alice, "An ordinary trend")

    assert titles(find(alice, "%")) == []
    assert titles(find(alice, "_")) == []
    assert titles(find(alice, "%ordinary%")) == ["An ordinary trend"]


@pytest.mark.parametrize("q", ["a\0b", "x" * 301, " ".join(["w"] * 1_000), " ".join(["w"] * 41)])
def test_too_much_or_broken_text_is_refused_by_name(alice: User, q: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        find(alice, q)
    assert list(refusal.value.details) == ["q"]


def test_markup_and_markers_in_content_stay_text(alice: User) -> None:
    trend(alice, "<b>kite</b> \ue000fake\ue001", text="<script>kite</script>")

    item = find(alice, "kite").page.rows[0]

    assert "".join(piece.text for piece in item.marked) == item.title
    assert not any("<" in piece.text for piece in (*item.marked, *item.extract) if piece.hit)


def test_how_it_was_understood_is_told(alice: User) -> None:
    assert find(alice, 'red "blue boat" -kite gar').understood == "“red” and “blue boat” without “kite” and “gar…”"
    assert find(alice, "kite or boat").understood == "“kite” or “boat…”"
    assert find(alice, "state-of-the-art").understood == "“state-of-the-art”"
    assert find(alice, "咖啡 馆 kit").understood == "“咖啡” and “馆” and “kit…”"
    assert find(alice, "🚀 %").understood == "“🚀” and “%”"
    assert find(alice).understood == ""
