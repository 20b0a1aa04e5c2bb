"""The arithmetic of alerts, against tables made by hand."""

from datetime import timedelta

import pytest

from tests.trends.watches.conftest import NOON
from trends.models import Mark, Metric
from trends.watches.queries import KeptLook
from trends.watches.rules import LATEST, TOLERANCE, Measured, first_reaching, grade, measured, target_of

HOUR = timedelta(hours=1)


def looks(*found: tuple[float, int, float | None]) -> list[KeptLook]:
    """Looks so many hours after noon, with a reach and a multiple."""
    return [KeptLook(NOON + hours * HOUR, reach, multiple, None, 0.0) for hours, reach, multiple in found]


def test_a_rule_fires_at_the_first_look_that_reaches_it() -> None:
    seen = looks((0, 10, None), (1, 50, 2.0), (2, 70, 3.0), (3, 60, 1.0), (4, 90, 4.0))
    assert first_reaching(seen, Metric.REACH, 60) == seen[2]
    assert first_reaching(seen, Metric.MULTIPLE, 2.0) == seen[1]
    assert first_reaching(seen, Metric.MULTIPLE, 4.01) is None
    assert first_reaching(seen, Metric.SCORE, 0.01) is None


def test_no_rating_is_claimed_of_a_post_that_was_first_seen_before_ratings_were_kept() -> None:
    old = KeptLook(NOON, 10, None, None, None)
    seen = [old, KeptLook(NOON + HOUR, 50, 2.0, 50.0, 1.5)]
    for metric in (Metric.MULTIPLE, Metric.VELOCITY, Metric.SCORE):
        assert first_reaching(seen, metric, 1.0) is None
        assert first_reaching(seen[1:], metric, 1.0) == seen[1]
    assert first_reaching(seen, Metric.REACH, 20) == seen[1]


@pytest.mark.parametrize(
    ("reach", "targets"),
    [
        (1_000, [1_250, 1_500, 2_000]),
        (3, [4, 5, 6]),
        (0, [1, 1, 1]),
        (1, [2, 2, 2]),
        (101, [127, 152, 202]),
    ],
)
def test_what_it_takes_to_be_right(reach: int, targets: list[int]) -> None:
    assert [target_of(reach, hours) for hours in (24, 72, 168)] == targets


@pytest.mark.parametrize(
    ("seen", "last", "found"),
    [
        # the first look from its time on counts, not a later and higher one
        (looks((20, 5, None), (25, 7, None), (30, 9, None)), (30, 9), (25, 7)),
        # one that came exactly then
        (looks((24, 6, None)), (24, 6), (24, 6)),
        # the last look found nothing new, so no measurement was kept
        (looks((20, 5, None)), (27, 5), (27, 5)),
        # too late
        (looks((20, 5, None), (36.1, 8, None)), (36.1, 8), None),
        # at the end of the tolerance
        (looks((20, 5, None), (36, 8, None)), (36, 8), (36, 8)),
        # nobody looked since
        (looks((20, 5, None)), (20, 5), None),
    ],
)
def test_which_look_counts_for_a_mark(
    seen: list[KeptLook], last: tuple[float, int], found: tuple[float, int] | None
) -> None:
    got = measured(seen, Measured(NOON + last[0] * HOUR, last[1]), NOON + 24 * HOUR, TOLERANCE)
    assert got == (found and Measured(NOON + found[0] * HOUR, found[1]))


def test_grades() -> None:
    state = Mark.State
    assert grade(10, NOON, Measured(NOON, 10), NOON).state == state.HIT
    assert grade(10, NOON, Measured(NOON, 9), NOON).state == state.MISS
    assert grade(10, NOON, None, NOON + LATEST).state == state.WAITING
    assert grade(10, NOON, None, NOON + LATEST + timedelta(seconds=1)).state == state.UNKNOWN
