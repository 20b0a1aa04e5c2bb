"""A watch over looks that are known: live alerts are those of the backtest, and marks those of a table made by hand."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from kapture.core.oracle import verify
from kapture.jobs.models import Job, State
from tests.trends.watches.conftest import NOON, VIEWS, look, named, post, scrape_of, spec, take
from trends.models import Alert, Mark, Metric, Purpose, Rule, Scrape, Snapshot, Trend, Watch, WatchTrend
from trends.watches.alerts import note
from trends.watches.backtest import Search, backtest
from trends.watches.grading import AGAIN, grade_due, take_look
from trends.watches.looks import MOST_A_DAY, MOST_POSTS
from trends.watches.queries import deciding_looks, first_reached, kept_looks
from trends.watches.rules import GROWTH, LATEST, TOLERANCE, Measured, first_reaching, measured
from trends.watches.services import change_watch, create_watch
from trends.watches.specs import RuleSpec

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
# Hours after noon -> views of each post at that look.
LOOKS: dict[int, dict[str, int]] = {
    0: {"riser": 400, "flash": 1_200, "slow": 100, "quiet": 50},
    4: {"riser": 1_000, "flash": 1_300, "slow": 300},
    28: {"riser": 1_240, "flash": 1_500, "slow": 999},
    30: {"riser": 1_250, "slow": 1_000},
    76: {"riser": 1_600, "flash": 1_790, "slow": 1_100},
    104: {"slow": 1_900, "riser": 1_700},
    170: {"riser": 2_500, "flash": 2_399, "slow": 1_900},
}
# By hand: what the rule "1,000 views" claims, when, and whether 1.25 x by 24 h, 1.5 x by 72 h, 2 x by 7 d were reached
# at the first look from then on. riser: 1,240 < 1,250; 1,600 >= 1,500; nobody looks at 172..184 h.
# flash: 1,500 >= 1,500 (at 28 h); 1,790 < 1,800 (at 76 h); 2,399 < 2,400 (at 170 h).
# slow is reached at 30 h: due at 54 (the next look is at 76 h, too late), at 102 (1,900 at 104 h), at 198 (no look).
TABLE = {
    "riser": (4, 1_000, {24: "miss", 72: "hit", 168: "unknown"}),
    "flash": (0, 1_200, {24: "hit", 72: "miss", 168: "miss"}),
    "slow": (30, 1_000, {24: "unknown", 72: "hit", 168: "unknown"}),
}


def at(hours: float) -> datetime:
    return NOON + hours * HOUR


@pytest.fixture
def _watched(watch: Watch) -> None:
    for hours, views in LOOKS.items():
        look(watch, at(hours), views)


def rows(moment: datetime) -> dict[str, Any]:
    """What alerts say, by the posts they are about."""
    grade_due(moment)
    return {
        alert.trend.author_handle: (
            (alert.raised_at - NOON) / HOUR,
            alert.reach,
            {mark.hours: mark.state for mark in alert.marks.all()},
        )
        for alert in Alert.objects.select_related("trend")
    }


def graded_as_it_goes(watch: Watch) -> None:
    """All looks with a grader that comes every hour, as in life."""
    for hour in range(230):
        if hour in LOOKS:
            look(watch, at(hour), LOOKS[hour])
        grade_due(at(hour))


def sound() -> None:
    assert {rule.name: found for rule, found in verify() if found and rule.name.startswith("T")} == {}


def test_marks_are_those_of_the_table(watch: Watch) -> None:
    graded_as_it_goes(watch)
    assert rows(at(400)) == TABLE
    assert not Mark.objects.filter(state=Mark.State.WAITING).exists()


@pytest.mark.usefixtures("_watched")
def test_a_grader_that_comes_late_finds_the_same() -> None:
    assert rows(at(400)) == TABLE


@pytest.mark.usefixtures("_watched")
@pytest.mark.parametrize(
    "rule",
    [
        VIEWS,
        RuleSpec(Metric.REACH, 1_500),
        RuleSpec(Metric.VELOCITY, 50),
        RuleSpec(Metric.MULTIPLE, 1.5),
        RuleSpec(Metric.SCORE, 0.1),
    ],
)
def test_backtest_and_live_run_agree(alice: User, watch: Watch, rule: RuleSpec) -> None:
    Rule.objects.filter(watch=watch).delete()
    WatchTrend.objects.all().delete()
    Trend.objects.all().delete()
    made = Rule.objects.create(watch=watch, metric=rule.metric, at_least=rule.at_least)
    Rule.objects.filter(pk=made.pk).update(updated_at=at(-1))
    for hours, views in LOOKS.items():
        look(watch, at(hours + 0.5), views)
    live = rows(at(400))
    search = Search(tuple(watch.keywords), tuple(watch.platforms), watch)
    (tried,) = backtest(alice, search, [rule], 30, at(400))
    assert len(live) > 0
    assert {
        claim.trend.author_handle: (
            (claim.at - NOON) / HOUR,
            claim.reach,
            {hours: one.state for hours, one in claim.grades.items()},
        )
        for claim in tried.claims
    } == live
    assert sum(tried.per_day()) == len(live)
    for hours in (24, 72, 168):
        states = [marks[hours] for _, _, marks in live.values()]
        assert (tried.record(hours).hits, tried.record(hours).misses) == (states.count("hit"), states.count("miss"))


def test_long_histories_are_not_read(alice: User, watch: Watch, django_assert_num_queries: Any) -> None:
    """Only the looks that decide are, however many there are, and they say what all of them say."""
    look(watch, at(0), {"a": 100, "b": 100, "c": 100})
    ids = {name: named(name).pk for name in "abc"}
    Snapshot.objects.filter(trend__in=ids.values()).delete()
    Snapshot.objects.bulk_create(
        Snapshot(
            trend_id=pk, at=at(step / 2), reach=100 + pace * step, multiple=pace * step / 100, velocity=1.0, score=1.0
        )
        for pk, pace in zip(ids.values(), (1, 3, 8), strict=True)
        for step in range(400)
    )
    search = Search(tuple(watch.keywords), tuple(watch.platforms), watch)
    rules = [RuleSpec(Metric.REACH, 701), RuleSpec(Metric.MULTIPLE, 2.0)]
    for rule in rules:
        reached = first_reached(list(ids.values()), [rule], at(-1), at(400))[0]
        few, every = deciding_looks(reached, rule), kept_looks(list(reached))
        assert len(reached) >= 2
        assert all(len(looks) <= 5 for looks in few.values())
        for pk, looks in every.items():
            first = first_reaching(looks, rule.metric, rule.at_least)
            assert first is not None
            assert first_reaching(few[pk], rule.metric, rule.at_least) == first
            for hours in GROWTH:
                told = (Measured(at(500), 1), first.at + timedelta(hours=hours), TOLERANCE)
                assert measured(few[pk], *told) == measured(looks, *told)
    # Posts of the watch, first looks, posts, and the deciding looks of each rule.
    with django_assert_num_queries(5):
        tried = backtest(alice, search, rules, 30, at(400))
    assert [len(one.claims) for one in tried] == [2, 3]


def test_posts_from_before_ratings_were_kept_are_not_taken_for_fresh(alice: User, watch: Watch) -> None:
    look(watch, at(0), {"riser": 400})
    Snapshot.objects.update(score=None, multiple=None, velocity=None)
    Rule.objects.create(watch=watch, metric=Metric.VELOCITY, at_least=100)
    Rule.objects.update(updated_at=at(-1))
    look(watch, at(4), {"riser": 5_000, "fresh": 5_000})
    raised = Alert.objects.values_list("trend__author_handle", "rule__metric")
    assert sorted(raised) == [("fresh", "reach"), ("fresh", "velocity"), ("riser", "reach")]
    search = Search(tuple(watch.keywords), tuple(watch.platforms), watch)
    by_reach, by_velocity = backtest(alice, search, [VIEWS, RuleSpec(Metric.VELOCITY, 100)], 30, at(400))
    assert [claim.trend.author_handle for claim in by_velocity.claims] == ["fresh"]
    assert len(by_reach.claims) == 2


def test_an_alert_is_raised_once_with_three_marks(watch: Watch) -> None:
    run = look(watch, at(0), {"flash": 1_200, "quiet": 10})
    look(watch, at(4), {"flash": 2_000, "quiet": 20})
    alert = Alert.objects.get()
    assert (alert.owner, alert.value, alert.reach, alert.raised_at) == (watch.owner, 1_200.0, 1_200, at(0))
    marks = [(mark.hours, mark.due_at, mark.target) for mark in alert.marks.all()]
    assert marks == [(24, at(24), 1_500), (72, at(72), 1_800), (168, at(168), 2_400)]
    run.refresh_from_db()
    assert (run.found, run.fresh) == (2, 2)
    assert [one.fresh for one in watch.runs.all()] == [0, 2]
    assert WatchTrend.objects.filter(watch=watch).count() == 2


def test_what_was_reached_before_the_rule_was_switched_on_is_not_claimed(alice: User, watch: Watch) -> None:
    look(watch, at(0), {"flash": 1_200, "slow": 100})
    Alert.objects.all().delete()
    change_watch(alice, watch.pk, spec(rules=(RuleSpec(Metric.REACH, 1_000, is_on=False),)))
    look(watch, at(4), {"slow": 1_100, "flash": 1_300})
    assert not Alert.objects.exists()
    change_watch(alice, watch.pk, spec())
    Rule.objects.filter(watch=watch).update(updated_at=at(5))
    look(watch, at(6), {"slow": 1_500, "flash": 1_500, "late": 5_000})
    assert [alert.trend.author_handle for alert in Alert.objects.all()] == ["late"]


def test_a_post_in_the_trash_raises_nothing(watch: Watch) -> None:
    look(watch, at(0), {"slow": 10})
    Trend.objects.update(trashed_at=timezone.now())
    look(watch, at(1), {"slow": 5_000})
    assert not Alert.objects.exists()


def test_other_searches_and_those_of_a_deleted_watch_note_nothing(alice: User, watch: Watch) -> None:
    other = scrape_of(None, alice)
    take(other, [post("flash", 5_000)], at(0))
    run = look(watch, at(1), {"slow": 10})
    orphan = Scrape.objects.get(watch_run=run)
    watch.delete()
    note(orphan, [named("slow").pk])
    assert (WatchTrend.objects.count(), Alert.objects.count()) == (0, 0)


class TestLooks:
    """Posts that nobody measured in time are looked at on purpose."""

    @pytest.fixture(autouse=True)
    def _on(self, settings: Settings) -> None:
        settings.APIFY_API_TOKEN = "apify_api_test"

    def ended(self, scrape: Scrape, moment: datetime) -> None:
        Job.objects.filter(pk=scrape.job_id).update(state=State.COMPLETED)
        Scrape.objects.filter(pk=scrape.pk).update(finished_at=timezone.now())
        scrape.refresh_from_db()
        take_look(scrape, moment)

    def test_one_look_for_all_due_posts_of_a_platform_and_none_twice(self, watch: Watch) -> None:
        look(watch, at(0), {f"post{number}": 1_200 for number in range(3)})
        assert grade_due(at(25)) == 0
        asked = Scrape.objects.get(purpose=Purpose.LOOK)
        assert sorted(asked.urls) == sorted(Trend.objects.values_list("url", flat=True))
        assert (asked.keywords, asked.owner, asked.watch_run) == ([], watch.owner, None)
        assert set(Mark.objects.filter(hours=24).values_list("look", flat=True)) == {asked.pk}
        assert grade_due(at(26)) == 0
        assert Scrape.objects.filter(purpose=Purpose.LOOK).count() == 1
        sound()

    def test_it_grades_what_it_was_made_for_even_late(self, watch: Watch) -> None:
        look(watch, at(0), {"up": 1_200, "flat": 1_200})
        grade_due(at(25))
        asked = Scrape.objects.get(purpose=Purpose.LOOK)
        take(asked, [post("up", 1_500), post("flat", 1_200)], at(40))
        self.ended(asked, at(40))
        marks = Mark.objects.filter(hours=24).values_list(
            "alert__trend__author_handle", "state", "reach", "measured_at"
        )
        assert set(marks) == {("up", "hit", 1_500, at(40)), ("flat", "miss", 1_200, at(40))}

    def test_what_it_did_not_reach_is_tried_again_later_and_then_unknown(self, watch: Watch) -> None:
        look(watch, at(0), {"gone": 1_200})
        grade_due(at(24))
        self.ended(Scrape.objects.get(purpose=Purpose.LOOK), at(24))
        Scrape.objects.filter(purpose=Purpose.LOOK).update(finished_at=at(24))
        grade_due(at(24) + AGAIN - timedelta(minutes=1))
        assert Scrape.objects.filter(purpose=Purpose.LOOK).count() == 1
        grade_due(at(24) + AGAIN + timedelta(minutes=1))
        assert Scrape.objects.filter(purpose=Purpose.LOOK).count() == 2
        grade_due(at(24) + LATEST + timedelta(minutes=1))
        assert Mark.objects.get(hours=24).state == Mark.State.UNKNOWN

    def test_posts_of_two_rules_share_a_look(self, alice: User, watch: Watch) -> None:
        change_watch(alice, watch.pk, spec(rules=(VIEWS, RuleSpec(Metric.REACH, 1_100))))
        Rule.objects.update(updated_at=at(-1))
        look(watch, at(0), {"flash": 1_050})
        look(watch, at(1), {"flash": 1_150})
        grade_due(at(24.5))
        grade_due(at(25.5))
        assert Scrape.objects.filter(purpose=Purpose.LOOK).count() == 1
        assert Mark.objects.filter(hours=24, look__isnull=False).count() == 2

    def test_many_posts_are_looked_at_in_parts(self, watch: Watch) -> None:
        look(watch, at(0), {f"p{number}": 1_200 for number in range(MOST_POSTS + 5)})
        grade_due(at(25))
        sizes = [len(scrape.urls) for scrape in Scrape.objects.filter(purpose=Purpose.LOOK).order_by("-limit")]
        assert sizes == [MOST_POSTS, 5]

    def test_a_person_has_so_many_posts_looked_at_a_day(self, alice: User, bob: User, watch: Watch) -> None:
        def posts_of(user: User) -> int:
            return sum(len(one.urls) for one in Scrape.objects.filter(purpose=Purpose.LOOK, owner=user))

        other = create_watch(bob, spec())
        Rule.objects.update(updated_at=at(-1))
        look(watch, at(0), {f"p{number}": 1_200 for number in range(MOST_A_DAY + 20)})
        look(other, at(0), {"flash": 1_200})
        grade_due(at(25))
        grade_due(at(26))
        assert (posts_of(alice), posts_of(bob)) == (MOST_A_DAY, 1)
        assert Mark.objects.filter(alert__owner=alice, hours=24, state="waiting", look=None).count() == 20
        Scrape.objects.filter(purpose=Purpose.LOOK).update(created_at=timezone.now() - timedelta(days=1))
        grade_due(at(27))
        assert posts_of(alice) == MOST_A_DAY + 20

    def test_nobody_looks_for_the_suspended_or_at_the_trash(self, alice: User, watch: Watch) -> None:
        look(watch, at(0), {"flash": 1_200})
        User.objects.filter(pk=alice.pk).update(is_active=False)
        grade_due(at(25))
        User.objects.filter(pk=alice.pk).update(is_active=True)
        Trend.objects.update(trashed_at=timezone.now())
        grade_due(at(25))
        assert not Scrape.objects.filter(purpose=Purpose.LOOK).exists()


def test_without_anybody_to_ask_marks_wait(watch: Watch, settings: Settings) -> None:
    settings.APIFY_API_TOKEN, settings.SCRAPING_PROVIDERS = "", {"youtube": "off"}
    look(watch, at(0), {"flash": 1_200})
    assert grade_due(at(25)) == 0
    assert Mark.objects.get(hours=24).look is None
    assert grade_due(at(49)) == 1
