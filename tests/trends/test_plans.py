"""No read of somebody's trends walks through everybody's: the plans of all lists, searches and reports."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services import issue_key
from tests.bench import million
from trends.models import Trend

pytestmark = pytest.mark.django_db(transaction=True)
BIG = {"trends_trend", "trends_snapshot"}
PEOPLE, FEW, MANY = 60, 400, 4_000
REPORTS = {"leads": "/api/trends/analytics/lead-lag?dateRange=30d", "seen": "/trends/analytics/?period=30d&by=seen"}
PATHS = {**{name: path for name, (path, _) in million.PATHS.items()}, **REPORTS}


@pytest.fixture
def people(alice: User, bob: User) -> Iterator[dict[str, User]]:
    """One with few trends and one with many, among sixty people; the planner knows the tables."""
    others = User.objects.bulk_create(User(email=f"p{number}@example.com") for number in range(PEOPLE))
    million.fill({alice: FEW, bob: MANY, **dict.fromkeys(others, FEW)})
    yield {"few": alice, "many": bob}
    million.empty()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of a plan."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def walked(statement: str) -> set[str]:
    """The large tables that a statement reads from end to end."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        (found,) = cursor.fetchone()
    (plan,) = found if isinstance(found, list) else json.loads(found)
    return {node["Relation Name"] for node in nodes(plan["Plan"]) if node["Node Type"] == "Seq Scan"} & BIG


@pytest.mark.thorough
def test_the_search_for_walks_finds_one(people: dict[str, User]) -> None:
    assert walked("SELECT count(*) FROM trends_trend WHERE title <> ''") == {"trends_trend"}
    assert walked("SELECT 1") == set()


@pytest.mark.thorough
def test_nobody_walks_through_all_trends(people: dict[str, User]) -> None:
    seen, found = 0, []
    for size, user in people.items():
        client = Client(headers={"Authorization": f"Bearer {issue_key(user, 'test').secret}"})
        client.force_login(user)
        known = Trend.objects.for_user(user).order_by("-score")[3].pk
        for name, path in PATHS.items():
            cache.clear()
            with CaptureQueriesContext(
                connection,
            ) as asked:
                answer = client.get(path.format(pk=known))
            assert answer.status_code == 200, (name, answer.content)
            for query in asked.captured_queries:
                if query["sql"].lstrip().upper().startswith("SELECT") and any(table in query["sql"] for table in BIG):
                    seen += 1
                    found += [(size, name, table, query["sql"]) for table in walked(query["sql"])]
    assert found == []
    assert seen > 3 * len(PATHS)
