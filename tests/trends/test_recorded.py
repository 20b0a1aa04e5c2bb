"""Every recorded record ends stored, merged or rejected with a reason, and a second reading stores nothing."""

from collections import Counter
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from kapture.core.oracle import verify
from kapture.gateways.scraping import Post, Rejected, normalise
from tests.gateways.scraping.recorded import FILES, platform_of, records
from tests.recorded import MISSING
from tests.thorough import some
from trends.ingest import BATCH, Outcome, ingest
from trends.models import Trend

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not FILES, reason=MISSING)]


def take(user: User, path: Path) -> tuple[Outcome, Counter[str]]:
    now = timezone.now()
    outcomes = [normalise(platform_of(path), record, now=now) for record in records(path)]
    posts = [outcome for outcome in outcomes if isinstance(outcome, Post)]
    done = Outcome()
    for start in range(0, len(posts), BATCH):
        with transaction.atomic():
            done += ingest(user.pk, posts[start : start + BATCH], now=now)
    return done, Counter(outcome.reason.value for outcome in outcomes if isinstance(outcome, Rejected))


@pytest.mark.parametrize("path", some(FILES), ids=lambda path: path.name)
def test_every_record_is_accounted_for(alice: User, path: Path) -> None:
    done, rejected = take(alice, path)
    shown = " ".join(f"{reason}={count}" for reason, count in sorted(rejected.items())) or "none"
    total = len(records(path))
    print(f"\n{path.name:58} {total:5} = stored {done.stored:5} + merged {done.merged:5} + rejected {shown}", end="")  # noqa: T201
    assert done.stored + done.merged + rejected.total() == total
    assert Trend.objects.count() == done.stored
    again, rejected_again = take(alice, path)
    assert (again.stored, again.merged, rejected_again) == (0, done.stored + done.merged, rejected)
    assert Trend.objects.count() == done.stored
    assert [rule.name for rule, found in verify() if found and rule.name.startswith("T")] == []
