"""Slots are the same whoever computes them, and what they cost can be told before."""

from datetime import UTC, datetime, timedelta

import pytest

from kapture.core.errors import InvalidInput
from trends.watches.schedule import Schedule

ANCHOR = datetime(2026, 3, 1, 10, 7, 31, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("every", "moment", "slot"),
    [
        (240, "2026-03-01T10:07:31", "2026-03-01T14:07:00"),
        (240, "2026-03-01T14:06:59", "2026-03-01T14:07:00"),
        (240, "2026-03-01T14:07:00", "2026-03-01T18:07:00"),
        (60, "2026-03-29T01:59:00", "2026-03-29T02:07:00"),
        (10_080, "2026-03-05T00:00:00", "2026-03-08T10:07:00"),
        (240, "2026-02-28T23:00:00", "2026-03-01T02:07:00"),
    ],
)
def test_intervals_are_counted_from_the_anchor(every: int, moment: str, slot: str) -> None:
    assert Schedule(ANCHOR, every).after(at(moment)) == at(slot)


@pytest.mark.parametrize(
    ("cron", "moment", "slot"),
    [
        ("0 9 * * 1-5", "2026-03-06T09:00:00", "2026-03-09T09:00:00"),
        ("30 */6 * * *", "2026-03-01T00:30:00", "2026-03-01T06:30:00"),
        ("0 0 29 2 *", "2026-03-01T00:00:00", "2028-02-29T00:00:00"),
        ("15 3 L * *", "2026-03-30T00:00:00", "2026-03-31T03:15:00"),
    ],
)
def test_cron_times_are_utc(cron: str, moment: str, slot: str) -> None:
    assert Schedule(ANCHOR, cron=cron).after(at(moment)) == at(slot)


def test_what_lies_between_two_moments_is_the_same_from_wherever_it_is_counted() -> None:
    for schedule in (Schedule(ANCHOR, 90), Schedule(ANCHOR, cron="5 */2 * * *")):
        whole, moment = [], ANCHOR
        while moment < ANCHOR + timedelta(days=3):
            moment = schedule.after(moment) or ANCHOR
            whole.append(moment)
        late = schedule.after(whole[7] + timedelta(seconds=1))
        assert late == whole[8]


@pytest.mark.parametrize(
    ("schedule", "runs"),
    [
        (Schedule(ANCHOR, 60), 720),
        (Schedule(ANCHOR, 240), 180),
        (Schedule(ANCHOR, 10_080), 4),
        (Schedule(ANCHOR, cron="0 9 * * 1-5"), 22),
        (Schedule(ANCHOR, cron="0 0 1 1 *"), 0),
    ],
)
def test_runs_of_thirty_days(schedule: Schedule, runs: int) -> None:
    assert schedule.runs_within(at("2026-03-01T10:07:00")) == runs


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Schedule(ANCHOR, 60), "Every hour"),
        (Schedule(ANCHOR, 240), "Every 4 hours"),
        (Schedule(ANCHOR, 90), "Every 90 minutes"),
        (Schedule(ANCHOR, 1_440), "Every day"),
        (Schedule(ANCHOR, 10_080), "Every 7 days"),
        (Schedule(ANCHOR, cron="0 9 * * 1-5"), "At 09:00 on Monday through Friday UTC"),
    ],
)
def test_a_schedule_is_said_in_words(schedule: Schedule, words: str) -> None:
    assert schedule.words == words


@pytest.mark.parametrize("every", [0, 59, 10_081, -60])
def test_intervals_have_bounds(every: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        Schedule(ANCHOR, every)
    assert list(caught.value.details) == ["everyMinutes"]


@pytest.mark.parametrize(
    ("cron", "why"),
    [
        ("* * * * *", "once an hour"),
        ("0,30 9 * * *", "once an hour"),
        ("0 0 9 * * *", "Five fields"),
        ("0 9 * *", "not a cron expression"),
        ("61 9 * * *", "bad minute"),
        ("0 0 30 2 *", "day-of-month"),
        ("0 9 * * 1; DROP", "not a cron expression"),
        ("0 0 */31 * 1#3", "never comes"),
    ],
)
def test_cron_times_that_cannot_be_kept_are_refused(cron: str, why: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Schedule(ANCHOR, cron=cron)
    assert why.lower() in caught.value.details["cron"][0].lower()
