"""Failures by reason: told in plain words, tried again together, within quota and bounds."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from billing.models import Reservation, UsagePeriod
from downloads import failures, services
from downloads.choices import State
from downloads.failures import KNOWN, failures_of
from downloads.models import Download
from downloads.specs import MAX_BULK, DownloadSpec
from kapture.core.errors import UsageExceeded
from kapture.gateways.media.reasons import Reason
from kapture.jobs import lifecycle
from kapture.jobs.models import Job

pytestmark = pytest.mark.django_db
LINK = "https://www.youtube.com/watch?v=abc"
PATH = "/api/downloads/retry-failed"


def fail(user: User, reason: str, count: int, start: int = 0) -> None:
    """Downloads that ended so, as a worker ends them."""
    for number in range(start, start + count):
        UsagePeriod.objects.update(limit=10_000)
        download = services.request_download(user, DownloadSpec(url=f"{LINK}{reason}{number}"))
        lifecycle.fail(download.job, Job.objects.all(), code=reason, message="It is so.", remedy="Do this.")


def active() -> int:
    return Download.objects.filter(state=State.ACTIVE).count()


def test_they_stand_in_groups_with_reason_remedy_and_the_newest(alice: User, bob: User) -> None:
    fail(alice, "needs_sign_in", 4)
    fail(alice, "timeout", 1)
    fail(alice, "of_another_release", 2)
    fail(bob, "timeout", 5)
    groups = failures_of(alice)
    assert [(one.reason, one.count, len(one.rows)) for one in groups] == [
        ("needs_sign_in", 4, 3), ("of_another_release", 2, 2), ("timeout", 1, 1),
    ]  # fmt: skip
    assert (groups[0].message, groups[0].retryable) == ("The site shows this only to people who are signed in.", False)
    assert [row.url for row in groups[0].rows] == [f"{LINK}needs_sign_in{number}" for number in (3, 2, 1)]
    assert (groups[1].message, groups[1].remedy) == ("It is so.", "Do this.")


def test_every_reason_of_a_fetch_has_words(alice: User) -> None:
    assert all(KNOWN[reason.value].message for reason in Reason)


def test_the_page_offers_each_group_to_be_tried_again(browser: Client, alice: User) -> None:
    fail(alice, "removed", 5)
    fail(alice, "timeout", 1)
    cancelled = services.request_download(alice, DownloadSpec(url=f"{LINK}mine"))
    services.cancel_download(alice, cancelled)
    body = browser.get("/downloads/?tab=failed").content.decode()
    assert "Retry all 5" in body
    assert "Retry it" in body
    assert "Show all 5" in body
    assert body.count("There is nothing at this address any more.") == 2
    assert body.index("Cancelled</h2>") < body.index("mine</a>")
    only = browser.get("/downloads/?tab=failed&reason=removed").content.decode()
    assert only.count('data-state="failed"') == 5
    assert "Cancelled</h2>" not in only
    response = browser.post("/downloads/retry/", {"reason": "removed"}, headers={"HX-Request": "true"})
    assert "5 downloads started again." in response.headers["HX-Trigger"]
    assert (active(), Download.objects.get(state=State.FAILED).reason) == (5, "timeout")


def test_a_retry_forgets_the_reason(alice: User) -> None:
    fail(alice, "timeout", 1)
    services.retry_download(alice, Download.objects.get())
    assert (Download.objects.get().reason, failures_of(alice)) == ("", [])


def test_it_is_bounded_and_goes_as_far_as_the_quota(api: Client, alice: User) -> None:
    fail(alice, "timeout", MAX_BULK + 2)
    UsagePeriod.objects.update(limit=3)
    data = api.post(PATH, {"reason": "timeout"}, content_type="application/json").json()["data"]
    assert (data["started"], data["refused"], data["error"]["code"]) == (3, MAX_BULK - 3, "USAGE_EXCEEDED")
    # What was accepted is what is held.
    assert (active(), UsagePeriod.objects.get().held) == (3, 3)
    assert Reservation.objects.filter(state="held").count() == 3
    refused = api.post(PATH, {}, content_type="application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "USAGE_EXCEEDED")
    with pytest.raises(UsageExceeded):
        failures.retry_all(alice)
    UsagePeriod.objects.update(limit=10_000)
    assert api.post(PATH, {}, content_type="application/json").json()["data"]["started"] == MAX_BULK - 1


def test_the_same_key_tries_again_once(api: Client, alice: User) -> None:
    fail(alice, "timeout", 2)
    answers = [
        api.post(PATH, {}, content_type="application/json", headers={"Idempotency-Key": "k"}).json()["data"]
        for _ in range(2)
    ]
    assert answers[0] == answers[1] == {"started": 2, "skipped": 0, "refused": 0, "error": None}


def test_the_api_filters_by_reason(api: Client, alice: User) -> None:
    fail(alice, "timeout", 2)
    fail(alice, "removed", 1)
    data = api.get("/api/downloads?reason=timeout").json()["data"]
    assert {row["error"]["code"] for row in data} == {"timeout"}
    assert len(data) == 2
    assert api.get("/api/downloads?reason=%00").status_code == 400


def test_groups_take_the_same_queries_for_ten_and_a_hundred(browser: Client, alice: User) -> None:
    def queries(count: int) -> int:
        fail(alice, f"reason{count % 7}", count - Download.objects.count(), start=Download.objects.count())
        with CaptureQueriesContext(connection) as captured:
            assert browser.get("/downloads/?tab=failed").status_code == 200
        return sum("django_session" not in query["sql"] for query in captured)

    browser.get("/downloads/?tab=failed")
    counts: list[Any] = [queries(10), queries(100)]
    assert counts[0] == counts[1]
