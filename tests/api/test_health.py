"""`/api/health` tells what works without calling a vendor, and stays up when Redis is away."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from accounts.models import User
from kapture.core import health
from kapture.core.errors import Unavailable, VendorFailed
from kapture.gateways.breaker import guarded
from kapture.jobs.models import Job
from tests.api.answers import accepted, refused

DEAD = "redis://127.0.0.1:1/0"


def test_get_reports_each_part(client: Client, db: None) -> None:
    response = client.get("/api/health")
    data = accepted(response)
    assert data["status"] == "healthy"
    assert data["timestamp"].endswith("Z")
    assert {"database", "redis", "storage", "apify", "openai"} <= set(data["checks"])
    assert all(set(check) == {"status", "detail"} for check in data["checks"].values())
    assert "no-store" in response["Cache-Control"]


def test_a_vendor_is_told_from_its_key_and_its_breaker(client: Client, db: None, settings: Settings) -> None:
    def told() -> str:
        status: str = accepted(client.get("/api/health"))["checks"]["apify"]["status"]
        return status

    assert told() == "off"
    settings.APIFY_API_TOKEN = "a token"
    assert told() == "ok"
    settings.SANDBOX = frozenset({"apify"})
    assert told() == "sandbox"
    for _ in range(10):
        with suppress(VendorFailed, Unavailable):
            guarded("apify", _fail)
    assert told() == "down"
    assert accepted(client.get("/api/health"))["status"] == "degraded"


def _fail() -> None:
    raise VendorFailed("apify", "timeout", "It did not answer.", retryable=True)


def test_a_due_job_nobody_takes_is_reported(client: Client, alice: User) -> None:
    checks = accepted(client.get("/api/health"))["checks"]
    assert checks["worker"]["status"] == "ok"
    old = timezone.now() - timedelta(minutes=2)
    Job.objects.create(owner=alice, kind="test.work", run_after=old, deadline_at=timezone.now() + timedelta(hours=1))
    checks = accepted(client.get("/api/health"))["checks"]
    assert checks["worker"]["status"] == "down"


def test_head_says_that_the_process_lives_without_touching_the_database(
    client: Client, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.block():
        response = client.head("/api/health")
    assert (response.status_code, response.content) == (200, b"")


def test_redis_away_is_degraded_and_still_200(client: Client, db: None, settings: Settings) -> None:
    settings.REDIS_URL = DEAD
    data = accepted(client.get("/api/health"))
    assert (data["status"], data["checks"]["redis"]["status"]) == ("degraded", "down")


def test_the_own_database_down_is_503(client: Client, db: None) -> None:
    alive = health.probes["database"]
    health.probes["database"] = lambda: (health.DOWN, "The database does not answer.")
    try:
        response = client.get("/api/health")
    finally:
        health.probes["database"] = alive
    error = refused(response, 503, "SERVICE_UNAVAILABLE")
    assert error["details"]["checks"]["database"]["status"] == "down"
    assert response["Retry-After"] == "5"


def test_a_dead_connection_is_reported_not_raised(client: Client, db: None) -> None:
    def broken(*args: object) -> None:
        raise DatabaseError("gone")

    with connection.execute_wrapper(broken):
        refused(client.get("/api/health"), 503, "SERVICE_UNAVAILABLE")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_other_methods_are_refused_in_the_envelope(client: Client, method: str) -> None:
    response = getattr(client, method)("/api/health")
    refused(response, 405, "METHOD_NOT_ALLOWED")
    assert response["Allow"] == "GET, HEAD"


def test_a_vendor_that_is_off_says_what_to_set(client: Client, db: None, settings: Settings) -> None:
    settings.APIFY_API_TOKEN = ""
    assert accepted(client.get("/api/health"))["checks"]["apify"]["detail"] == "Set APIFY_API_TOKEN to switch it on."
