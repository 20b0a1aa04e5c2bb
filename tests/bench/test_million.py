"""Among a million trends of a thousand people, a hundred thousand cost their owner no more than a thousand do."""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from statistics import median

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services import issue_key
from billing.models import Plan
from kapture.gateways.scraping import DateRange
from tests.bench import million
from tests.bench.timing import interleaved, p95, show
from tests.bench.web import serving, together
from trends.analytics.leading import Basis
from trends.analytics.reports import Analytics
from trends.models import Trend

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(3600)]
PEOPLE, SMALL, LARGE, ALL = 1_000, 1_000, 100_000, 1_000_000
THREADS, EACH, ROUNDS = 8, 15, 3
COLD: dict[str, Callable[[Analytics], object]] = {
    "summary": lambda found: found.summary,
    "leads, published": lambda found: found.leads(Basis.PUBLISHED),
    "leads, seen": lambda found: found.leads(Basis.SEEN),
}


@pytest.fixture
def people(alice: User, bob: User) -> Iterator[tuple[User, User]]:
    """One with a thousand trends and one with a hundred thousand, among a thousand people."""
    others = User.objects.bulk_create(User(email=f"p{number}@example.com") for number in range(PEOPLE - 2))
    shares = dict.fromkeys(others, 1 + (ALL - SMALL - LARGE) // len(others))
    # Nobody is told to wait: requests are timed here, not rationed.
    Plan.objects.update(requests_per_minute=10_000_000)
    began = time.perf_counter()
    million.fill({alice: SMALL, bob: LARGE, **shares})
    print(f"\n{Trend.objects.count():,} trends in {time.perf_counter() - began:.0f} s", end="")  # noqa: T201
    yield alice, bob
    million.empty()


def credentials(user: User) -> dict[str, str]:
    """Headers that speak for somebody, to the API and to the pages."""
    browser = Client()
    browser.force_login(user)
    key = issue_key(user, "bench").secret
    return {"Authorization": f"Bearer {key}", "Cookie": f"sessionid={browser.cookies['sessionid'].value}"}


def test_a_hundred_thousand_cost_what_a_thousand_do(people: tuple[User, User], tmp_path: Path) -> None:
    headers = [credentials(user) for user in people]
    known = [Trend.objects.for_user(user).order_by("-score")[7].pk for user in people]
    too_slow = {}
    with serving(tmp_path) as port:
        for name, (path, bound) in million.PATHS.items():
            asked = [(path.format(pk=pk), _faced(path, given)) for pk, given in zip(known, headers, strict=True)]
            together(port, asked, threads=THREADS, each=3)
            rounds = [together(port, asked, threads=THREADS, each=EACH) for _ in range(ROUNDS)]
            ratios = [p95(large) / p95(small) for small, large in rounds]
            _say(name, rounds, ratios)
            # The best of three rounds: what else runs on the machine is no fault of the code.
            if min(ratios) > bound:
                too_slow[name] = f"{min(ratios):.2f}, at most {bound}"
    _say_cold(people)
    assert too_slow == {}


def _faced(path: str, given: Mapping[str, str]) -> dict[str, str]:
    wanted = "Authorization" if path.startswith("/api/") else "Cookie"
    return {wanted: given[wanted]}


def _say(name: str, rounds: list[list[list[float]]], ratios: list[float]) -> None:
    both = [[took for found in rounds for took in found[index]] for index in (0, 1)]
    figures = "   ".join(f"p50 {median(times):6.1f} p95 {p95(times):6.1f} ms" for times in both)
    print(f"\n{name:22} {figures}   x {' '.join(f'{ratio:.2f}' for ratio in ratios)}", end="")  # noqa: T201


def _say_cold(people: tuple[User, User]) -> None:
    """Print what a report costs that is not in the cache."""
    reports = {
        f"{name}, {what}": (user, read)
        for name, user in zip(("a thousand", "a hundred thousand"), people, strict=True)
        for what, read in COLD.items()
    }
    show(
        "reports of 30 days, nothing kept",
        interleaved(5, **{name: partial(_cold, *one) for name, one in reports.items()}),
    )


def _cold(user: User, read: Callable[[Analytics], object]) -> object:
    cache.clear()
    return read(Analytics(user, DateRange.MONTH, None, now=timezone.now()))
