"""The reports over every recorded post, against the same figures worked out in another way."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from kapture.gateways.scraping import DateRange, Post, normalise
from tests.gateways.scraping.recorded import FILES, platform_of, records
from tests.recorded import MISSING
from trends.analytics.leading import Basis
from trends.analytics.reports import Analytics
from trends.ingest import BATCH, ingest
from trends.models import Trend

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not FILES, reason=MISSING)]


@pytest.fixture
def trends(alice: User) -> list[Trend]:
    """Every recorded post, captured."""
    now = timezone.now()
    with connection.cursor() as cursor:
        # Captured by workers, which may take longer than pages.
        cursor.execute("SET LOCAL statement_timeout = '60s'")
    for path in FILES:
        found = (normalise(platform_of(path), record, now=now) for record in records(path))
        posts = [post for post in found if isinstance(post, Post)]
        for start in range(0, len(posts), BATCH):
            with transaction.atomic():
                ingest(alice.pk, posts[start : start + BATCH], now=now)
    return list(Trend.objects.for_user(alice))


def moment(trends: Sequence[Trend]) -> datetime:
    """When most of the posts had just been published; the recordings are older than today."""
    return sorted(trend.dated_at for trend in trends)[int(0.99 * len(trends))]


def within(trends: Sequence[Trend], found: Analytics, *, before: bool = False) -> list[Trend]:
    """The posts of a period, or of the one before; all of them, so few are they."""
    first, last = found.period.since, None
    if before:
        first, last = found.period.since - timedelta(days=found.period.length.days), found.period.since
    mine = [trend for trend in trends if trend.dated_at >= first and (last is None or trend.dated_at < last)]
    assert len(mine) <= 5_000
    return mine


@pytest.mark.thorough
def test_reports_are_those_of_the_posts(alice: User, trends: list[Trend]) -> None:
    now = moment(trends)
    for length in DateRange:
        check_summary(Analytics(alice, length, None, now=now), trends)
    check_leads(Analytics(alice, DateRange.MONTH, None, now=now), trends)


def check_summary(found: Analytics, trends: Sequence[Trend]) -> None:
    mine, earlier = within(trends, found), within(trends, found, before=True)
    summary = found.summary
    assert mine
    assert (summary.considered, summary.cut) == (len(mine), False)
    assert summary.all.figures.reach == sum(trend.reach for trend in mine) == sum(summary.all.reach)
    rated = [trend.multiple for trend in mine if trend.multiple is not None]
    assert summary.all.figures.multiple == pytest.approx(median(rated))
    engaged = [trend.engagement for trend in mine if trend.engagement is not None]
    assert summary.all.figures.engagement == pytest.approx(median(engaged))
    assert {row.key: row.figures.trends for row in summary.platforms} == Counter(trend.platform for trend in mine)
    used = Counter(tag for trend in mine for tag in set(trend.hashtags))
    used_before = Counter(tag for trend in earlier for tag in set(trend.hashtags))
    assert [row.figures.trends for row in summary.hashtags] == sorted(used.values(), reverse=True)[:20]
    for tag in found.ranking.hashtags:
        assert tag.row.figures.trends == used[tag.row.name]
        assert tag.share_before == pytest.approx(used_before[tag.row.name] / len(earlier) if earlier else 0)
        if tag.rise:
            now, then = (
                (used[tag.row.name] + 0.5) / (len(mine) + 1),
                (used_before[tag.row.name] + 0.5) / (len(earlier) + 1),
            )
            assert tag.rise.times == pytest.approx(now / then)
    written = Counter((trend.platform, trend.author_key) for trend in mine if trend.author_key)
    assert all(written[one.row.platform, one.row.key] == one.row.figures.trends for one in found.ranking.authors)


def check_leads(found: Analytics, trends: Sequence[Trend]) -> None:
    mine, earlier = within(trends, found), within(trends, found, before=True)
    least = {
        platform: max(1, round(median(trend.reach for trend in mine if trend.platform == platform)))
        for platform in {trend.platform for trend in mine}
    }
    leads = found.leads(Basis.PUBLISHED)
    had = {(tag, trend.platform) for trend in earlier for tag in trend.hashtags}
    first: dict[str, dict[str, datetime]] = defaultdict(dict)
    for trend in sorted(mine, key=lambda trend: trend.dated_at, reverse=True):
        if trend.published_precision in ("exact", "day") and trend.reach >= least[trend.platform]:
            for tag in trend.hashtags:
                if (tag, trend.platform) not in had:
                    first[tag][trend.platform] = trend.dated_at
    for topic in leads.topics:
        # A post that has the word in its text only may have been earlier still.
        for arrival in topic.arrivals:
            carried = first[topic.name].get(arrival.platform)
            assert carried is None or arrival.at <= carried
        assert topic.arrivals[0].hours == 0
    assert leads.considered == len(mine)
    shared = {tag for tag, by in first.items() if len(by) > 1}
    assert len(shared) <= leads.shared
    seen = found.leads(Basis.SEEN)
    # All were captured by one look, so no platform can have been seen first.
    assert all(pair.led == pair.followed == 0 for pair in seen.pairs)
