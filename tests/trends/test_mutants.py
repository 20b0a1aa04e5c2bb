"""What nobody has seen yet is stored, or rejected with a reason: 5,000 mutants and more reach the tables."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from kapture.core.choices import Platform
from kapture.gateways.scraping import Post, Rejected, normalise
from tests.gateways.scraping.recorded import FILES, platform_of, records
from tests.gateways.scraping.test_mutants import SHAPES, all_mutants, stands
from tests.recorded import MISSING
from trends.ingest import Outcome, ingest
from trends.models import Trend

# Many seconds pass between two questions, which is no way to hold a transaction.
pytestmark = pytest.mark.django_db(transaction=True)
# One of each kind: nothing, another type, too deep, far too much, and what no text column takes.
CHANGES = (None, 7, "x" * 100_000, [[["deep"]]], "\x00\ud800", -(2**70), float("nan"))
# Values of one file's record that are changed.
SPOTS = 40
# As many as a page of a scrape.
PIECE = 100


def stored(
    user: User, platform: Platform, mutants: list[Any], name: str, provider: str = "apify"
) -> tuple[int, Counter[str]]:
    """Take all in as posts of their own; answers how many were stored, and the rejected by reason."""
    now = timezone.now()
    outcomes = [normalise(platform, mutant, now=now, provider=provider) for mutant in mutants]
    assert all(stands(outcome) for outcome in outcomes)
    rejected = Counter(outcome.reason.value for outcome in outcomes if isinstance(outcome, Rejected))
    # A mutant has the id of its original, and would only be merged with it.
    found = [one for one in outcomes if isinstance(one, Post)]
    posts = [replace(one, external_id=f"{name}-{number}") for number, one in enumerate(found)]
    done = Outcome()
    for start in range(0, len(posts), PIECE):
        with transaction.atomic():
            done += ingest(user.pk, posts[start : start + PIECE], now=now)
    assert done.stored == len(posts)
    return done.stored, rejected


def test_mutants_of_every_shape_are_stored_or_rejected_by_name(alice: User) -> None:
    total = 0
    for number, (provider, platform, record) in enumerate(SHAPES):
        mutants = all_mutants(record)
        kept, rejected = stored(alice, platform, mutants, str(number), provider)
        assert kept + rejected.total() == len(mutants)
        assert kept, number
        total += len(mutants)
    print(f"\n{total} mutants of made records", end="")  # noqa: T201
    assert total >= 5_000


@pytest.mark.thorough
@pytest.mark.skipif(not FILES, reason=MISSING)
def test_mutants_of_recorded_items_are_stored_or_rejected_by_name(alice: User) -> None:
    total: Counter[str] = Counter()
    for number, path in enumerate(FILES):
        mutants = all_mutants(middle(path), CHANGES, SPOTS)
        kept, rejected = stored(alice, platform_of(path), mutants, str(number))
        assert kept + rejected.total() == len(mutants)
        total += Counter({"mutants": len(mutants), "stored": kept, **rejected})
    print(f"\nof recorded items: {dict(total)}", end="")  # noqa: T201
    assert total["mutants"] >= 5_000
    assert Trend.objects.for_user(alice).count() == total["stored"]


def middle(path: Path) -> Any:
    every = records(path)
    return every[len(every) // 2]
