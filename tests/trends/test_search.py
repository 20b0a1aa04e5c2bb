"""Looking for words of any language, in trends, downloads and boards alike."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from downloads.queries import downloads_of
from downloads.specs import DownloadQuery
from ideaboards.queries import BoardFilter, boards
from tests.library import things
from trends.queries import TrendFilter, trends

pytestmark = pytest.mark.django_db
Find = Callable[[User, str], list[str]]


def in_trends(user: User, q: str) -> list[str]:
    return sorted(trends(user, TrendFilter(q=q)).values_list("title", flat=True))


def in_downloads(user: User, q: str) -> list[str]:
    return sorted(downloads_of(user, DownloadQuery(q=q)).values_list("title", flat=True))


def in_boards(user: User, q: str) -> list[str]:
    return sorted(boards(user, BoardFilter(q=q)).values_list("title", flat=True))


ROOMS = pytest.mark.parametrize(
    ("make", "find"),
    [(things.trend, in_trends), (things.download, in_downloads), (things.board, in_boards)],
    ids=["trends", "downloads", "boards"],
)


@ROOMS
@pytest.mark.parametrize(
    ("title", "found_by", "missed_by"),
    [
        ("Le Café de la Gare", ["cafe", "CAFÉ", "caf", "gare le"], ["afe", "cafe tabac"]),
        ("Cafe Muller", ["café", "müller", "Mull cafe"], ["uller"]),
        ("東京タワーの夜景", ["東京", "タワー", "夜景 東京", "京タ"], ["京東", "東タ", "大阪"]),
        ("北京最好的咖啡馆推荐", ["咖啡", "北京 咖啡馆"], ["啡咖", "咖啡 上海"]),
        ("วิธีชงกาแฟที่บ้าน", ["กาแฟ", "บ้าน"], ["แฟกา", "ชา"]),
        ("맛있는 커피를 만드는 법", ["커피", "만드 커피를"], ["피커"]),
        ("قهوة عربية في الصباح", ["عربية", "قهو"], ["شاي"]),
        ("Как варить кофе дома", ["кофе", "ВАРИТЬ коф"], ["чай"]),
        ("Ёлка", ["ёлка", "елка"], ["палка"]),
        ("iPhone充電器レビュー", ["iphone充電", "充電器", "iphone"], ["電充"]),
        ("Fish & chips: 3 ways (quick!)", ["fish & chips", "chips:", "(quick!)", "3 ways"], ["fish | meat"]),
    ],
)
def test_words_are_found_whatever_their_script(
    alice: User, make: Callable[..., object], find: Find, title: str, found_by: list[str], missed_by: list[str]
) -> None:
    make(alice, title)
    make(alice, "Something else")

    assert {q: find(alice, q) for q in found_by} == {q: [title] for q in found_by}
    assert {q: find(alice, q) for q in missed_by} == {q: [] for q in missed_by}


@ROOMS
@pytest.mark.parametrize(
    "q",
    [
        "🚀",
        "🚀🔥 💧",
        "'; DROP TABLE trends_trend; --",
        "a:* & b",
        "!!!",
        "<->",
        "(((",
        "''",
        "\\'",
        "-",
        "東'京",
        "\u202e咖",
    ],
)
def test_no_text_breaks_it_or_finds_what_does_not_hold_it(
    alice: User, make: Callable[..., object], find: Find, q: str
) -> None:
    make(alice, "An ordinary thing")

    assert find(alice, q) in ([], ["An ordinary thing"] if not q.strip("'\\ ") else [])


@ROOMS
def test_any_text_is_a_question(alice: User, make: Callable[..., object], find: Find) -> None:
    make(alice, "An ordinary thing")
    letters = st.one_of(st.sampled_from("\"'-()<>|&!:*\\%_$ aAé01ßאกَ東ー咖🚀\u202e\ufeff"), st.characters())

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.text(alphabet=letters, max_size=40).filter(lambda text: "\0" not in text and text.isprintable()))
    def ask(q: str) -> None:
        assert len(find(alice, q)) <= 1

    ask()


def test_words_may_stand_in_different_parts_of_a_trend(alice: User) -> None:
    things.trend(alice, "Café", text="東京で一番", author_name="Müller", community="r/lamps", hashtags=["tokyo"])

    for q in ("cafe 東京", "muller 一番", "cafe r/lam", "cafe #tokyo", "東京 #tokyo"):
        assert in_trends(alice, q) == ["Café"]
    assert in_trends(alice, "cafe #osaka") == []


def test_nobody_finds_things_of_others_or_from_the_trash(alice: User, bob: User) -> None:
    things.trend(bob, "東京 kite")
    things.trend(alice, "東京 kite", trashed_at=things.NOW)

    assert in_trends(alice, "東京") == in_trends(alice, "kite") == []
