"""A look at posts: stored once, merged after that, measured each time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from psycopg import errors
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from kapture.core.choices import Platform
from kapture.core.oracle import verify
from kapture.gateways.scraping import DatePrecision, Post
from tests.trends.conftest import Capture, make_post
from trends.ingest import RECENT, TRAIL, Outcome, ingest
from trends.models import PlatformTotal, Snapshot, Trend
from trends.scoring import Baseline

pytestmark = pytest.mark.django_db


def broken() -> dict[str, list[str]]:
    return {rule.name: found for rule, found in verify() if found and rule.name.startswith("T")}


def test_a_new_post_is_stored_with_its_facts_and_a_first_measurement(alice: User, capture: Capture) -> None:
    post = make_post(hashtags=("lamp", "light"), author_followers=2**40, views=2**53)
    assert capture(alice, post) == Outcome(stored=1)
    trend = Trend.objects.get()
    for field in ("external_id", "url", "title", "author_followers", "views", "likes", "published_at"):
        assert getattr(trend, field) == getattr(post, field)
    assert (trend.hashtags, trend.author_key, trend.reach) == (["lamp", "light"], "lampe", 2**53)
    assert trend.trail == [2**53]
    assert list(Snapshot.objects.values_list("trend", "views", "likes")) == [(trend.pk, 2**53, 50)]


def test_looking_again_stores_nothing_new(alice: User, capture: Capture) -> None:
    posts = [make_post() for _ in range(5)]
    capture(alice, *posts)
    assert capture(alice, *posts) == Outcome(merged=5)
    assert Trend.objects.count() == Snapshot.objects.count() == 5
    assert set(Trend.objects.values_list("looks", flat=True)) == {2}
    assert broken() == {}


def test_a_counter_that_moved_is_measured(alice: User, capture: Capture) -> None:
    capture(alice, make_post(external_id="vid_00000_a", views=1_000))
    capture(alice, make_post(external_id="vid_00000_a", views=5_000))
    capture(alice, make_post(external_id="vid_00000_a", views=5_000))
    trend = Trend.objects.get()
    assert (trend.views, trend.trail, trend.looks) == (5_000, [1_000, 5_000, 5_000], 3)
    assert [snapshot.views for snapshot in trend.snapshots.all()] == [1_000, 5_000]


def test_copies_inside_one_batch_become_one(alice: User, capture: Capture) -> None:
    first, later = make_post(external_id="vid_00000_a", text="whole"), make_post(external_id="vid_00000_a", views=1_200)
    assert capture(alice, first, make_post(), later) == Outcome(stored=2, merged=1)
    trend = Trend.objects.get(external_id="vid_00000_a")
    assert (trend.text, trend.views) == ("whole", 1_200)
    assert broken() == {}


def test_what_a_later_look_does_not_tell_is_kept(alice: User, capture: Capture) -> None:
    capture(
        alice, make_post(external_id="vid_00000_a", text="whole", duration_s=20, thumbnail_url="https://a.example/")
    )
    capture(alice, make_post(external_id="vid_00000_a", title="", likes=None, comments=0))
    trend = Trend.objects.get()
    assert (trend.text, trend.duration_s, trend.likes, trend.comments) == ("whole", 20, 50, 0)
    assert trend.title.startswith("Lamp")


def test_an_exact_date_is_not_replaced_by_a_vague_one(alice: User, capture: Capture) -> None:
    exact = timezone.now() - timedelta(days=400)
    for precision, at in (
        (DatePrecision.RELATIVE, timezone.now() - timedelta(days=365)),
        (DatePrecision.EXACT, exact),
        (DatePrecision.RELATIVE, timezone.now() - timedelta(days=365)),
        (DatePrecision.UNKNOWN, None),
    ):
        capture(alice, make_post(external_id="vid_00000_a", published_at=at, published_precision=precision))
    trend = Trend.objects.get()
    assert (trend.published_at, trend.published_precision, trend.dated_at) == (exact, "exact", exact)


def test_an_unknown_date_is_filed_under_the_first_look(alice: User, capture: Capture) -> None:
    first = timezone.now() - timedelta(days=3)
    post = make_post(published_at=None, published_precision=DatePrecision.UNKNOWN)
    capture(alice, post, now=first)
    capture(alice, post)
    assert Trend.objects.get().dated_at == first


def test_the_same_post_of_two_people_is_two_trends(alice: User, bob: User, capture: Capture) -> None:
    post = make_post()
    assert capture(alice, post) == capture(bob, post) == Outcome(stored=1)


def test_the_same_id_on_two_platforms_is_two_trends(alice: User, capture: Capture) -> None:
    same = "1991964834351710001"
    capture(
        alice, make_post(external_id=same, platform=Platform.X), make_post(external_id=same, platform=Platform.TIKTOK)
    )
    assert dict(PlatformTotal.objects.values_list("platform", "count")) == {"x": 1, "tiktok": 1}
    assert broken() == {}


def of_age(hours: float, views: int, **more: Any) -> Post:
    """A post of one author that was published some hours ago."""
    return make_post(published_at=timezone.now() - timedelta(hours=hours), views=views, **more)


def test_an_author_is_rated_against_the_own_posts_at_the_same_age(alice: User, capture: Capture) -> None:
    capture(alice, of_age(20, 100), of_age(30, 300), of_age(2_000, 10**6), of_age(3_000, 10**6), of_age(4_000, 10**6))
    capture(alice, of_age(24, 3_000, external_id="vid_00000_a"))
    trend = Trend.objects.get(external_id="vid_00000_a")
    assert (trend.baseline, trend.baseline_reach, trend.baseline_size, trend.multiple) == ("age", 300.0, 3, 10.0)


def test_an_author_whose_posts_are_of_other_ages_is_rated_against_all_of_them(alice: User, capture: Capture) -> None:
    capture(alice, of_age(200, 100), of_age(400, 300))
    capture(alice, of_age(10, 3_000, external_id="vid_00000_a"))
    trend = Trend.objects.get(external_id="vid_00000_a")
    assert (trend.baseline, trend.baseline_reach, trend.baseline_size, trend.multiple) == ("author", 300.0, 3, 10.0)


def test_earlier_looks_tell_how_posts_stood_at_that_age(alice: User, capture: Capture) -> None:
    now = timezone.now()
    old = [make_post(published_at=now - timedelta(days=10)) for _ in range(2)]
    for hours_ago, views in ((9 * 24 + 1, 100), (9 * 24 - 1, 200), (5 * 24, 5_000), (1, 90_000)):
        then = now - timedelta(hours=hours_ago)
        capture(alice, *(replace(post, views=views) for post in old), now=then)
    capture(alice, make_post(external_id="vid_00000_a", published_at=now - timedelta(hours=25), views=800), now=now)
    trend = Trend.objects.get(external_id="vid_00000_a")
    # At 25 h the two older ones had 200, whatever they have gathered since.
    assert (trend.baseline, trend.baseline_reach, trend.baseline_size, trend.multiple) == ("age", 200.0, 3, 4.0)
    assert broken() == {}


def test_a_look_keeps_the_rating_it_gave(alice: User, capture: Capture) -> None:
    for views in (1_000, 5_000):
        capture(alice, make_post(external_id="vid_00000_a", views=views), *(make_post(views=100) for _ in range(2)))
    trend = Trend.objects.get(external_id="vid_00000_a")
    first, last = trend.snapshots.all()
    assert (first.reach, last.reach) == (1_000, 5_000)
    assert (last.multiple, last.velocity, last.score) == (trend.multiple, trend.velocity, trend.score)
    assert first.score is not None
    assert trend.score > first.score > 0


def test_an_unknown_author_is_rated_against_the_platform(alice: User, capture: Capture) -> None:
    capture(alice, *(make_post(author_handle=f"a{n}", author_name="", views=100 * n) for n in range(1, 6)))
    capture(alice, make_post(external_id="vid_00000_a", author_handle="", author_name="", views=900))
    trend = Trend.objects.get(external_id="vid_00000_a")
    assert (trend.baseline, trend.baseline_reach, trend.baseline_size) == (Baseline.PLATFORM, 350.0, 6)


def test_posts_without_author_are_not_taken_for_one_author(alice: User, capture: Capture) -> None:
    capture(alice, *(make_post(author_handle="", author_name="", views=10) for _ in range(4)))
    assert set(Trend.objects.values_list("baseline", flat=True)) == {"platform"}


def test_trails_and_recent_figures_stay_short(alice: User, capture: Capture) -> None:
    for look in range(TRAIL + 3):
        capture(alice, make_post(external_id="vid_00000_a", views=1_000 + look))
    capture(alice, *(make_post(views=7) for _ in range(RECENT + 20)))
    trend = Trend.objects.get(external_id="vid_00000_a")
    assert (len(trend.trail), trend.trail[-1]) == (TRAIL, 1_000 + TRAIL + 2)
    assert PlatformTotal.objects.get().recent == [7] * RECENT


def test_odd_text_survives(alice: User, capture: Capture) -> None:
    text = "مرحبا \u200f👩\u200d🚀 नेपाली\t\\N \"quoted\" 'x' \\.\n{a,b}, NULL " + "x" * 5_000
    capture(alice, make_post(title=text, text=text, hashtags=("नेपाली", 'a"b', "NULL", "{x}")))
    capture(alice, make_post(title=text, text=text, views=-1 + 2**63))
    trend = Trend.objects.order_by("created_at", "id").first()
    assert trend is not None
    assert (trend.title, trend.text, trend.hashtags) == (text, text, ["नेपाली", 'a"b', "NULL", "{x}"])


def test_a_known_post_is_updated_with_odd_values_too(alice: User, capture: Capture) -> None:
    capture(alice, make_post(external_id="vid_00000_a"))
    post = make_post(
        external_id="vid_00000_a", title='q"\\\u2028', hashtags=('a"b', "é"), views=2**63 - 1, duration_s=None
    )
    capture(alice, post)
    trend = Trend.objects.get()
    assert (trend.title, trend.hashtags, trend.views) == ('q"\\\u2028', ['a"b', "é"], 2**63 - 1)


def test_a_batch_takes_the_same_number_of_queries_whatever_its_size(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries, capture: Capture
) -> None:
    capture(alice, make_post())
    few, many = [make_post() for _ in range(10)], [make_post(author_handle=f"a{n}") for n in range(100)]
    # Lock, known rows, authors, two COPY streams, total.
    for batch in (few, many):
        with django_assert_num_queries(6):
            ingest(alice.pk, batch, now=timezone.now())
    # An update takes the place of the COPY streams; from the third look on, earlier ones are read as well.
    for queries in (5, 6, 6):
        for batch in (few, many):
            with django_assert_num_queries(queries):
                ingest(alice.pk, batch, now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_nothing_of_a_failed_batch_stays(alice: User) -> None:
    with pytest.raises(errors.Error), transaction.atomic():
        ingest(alice.pk, [make_post(), make_post(external_id="x" * 65)], now=timezone.now())
    assert (Trend.objects.count(), Snapshot.objects.count(), PlatformTotal.objects.count()) == (0, 0, 0)
