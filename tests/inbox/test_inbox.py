"""An event is stored once and applied with the vendor's latest word, in whatever order and number it comes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from kapture.core.errors import VendorFailed
from kapture.core.oracle import verify
from kapture.inbox import handlers
from kapture.inbox.models import WebhookEvent
from kapture.inbox.services import receive
from kapture.jobs.models import Job
from kapture.jobs.runner import run_job

pytestmark = pytest.mark.django_db(transaction=True)


class Vendor:
    """A vendor with one object, and our copy of it."""

    def __init__(self) -> None:
        self.latest = 0
        self.copy = -1
        self.applied: list[str] = []
        self.down = False

    def fetch(self, event: WebhookEvent) -> int:
        if self.down:
            raise VendorFailed("test", "unreachable", "It does not answer.", retryable=True)
        return self.latest

    def apply(self, event: WebhookEvent, latest: int) -> None:
        self.copy = latest
        self.applied.append(event.event_id)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = Vendor()
    handlers.register("test", "thing.changed", handlers.Handler(lambda event: "thing", vendor.fetch, vendor.apply))
    yield vendor
    handlers._handlers.pop(("test", "thing.changed"))


def work() -> None:
    for job_id in Job.objects.filter(state="queued").values_list("pk", flat=True):
        run_job(job_id)


def test_an_event_sent_fifty_times_at_once_is_applied_once(vendor: Vendor) -> None:
    def send(_: int) -> bool:
        try:
            return receive("test", "evt_1", "thing.changed", {"n": 1})
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(send, range(50))) == 1
    work()
    assert vendor.applied == ["evt_1"]
    assert Job.objects.count() == 1


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_the_order_of_events_does_not_matter(vendor: Vendor, order: tuple[str, ...]) -> None:
    for number, event_id in enumerate(order):
        vendor.latest = 3
        receive("test", event_id, "thing.changed", {"state": number})
    work()
    assert (vendor.copy, sorted(vendor.applied)) == (3, ["a", "b", "c"])


def test_a_kind_nobody_handles_is_stored_and_ignored(vendor: Vendor) -> None:
    assert receive("test", "evt_2", "thing.unknown", {})
    assert WebhookEvent.objects.get().state == "ignored"
    assert not Job.objects.exists()


def test_a_handler_that_left_with_an_older_release_ignores_the_event(vendor: Vendor) -> None:
    receive("test", "evt_3", "thing.changed", {})
    WebhookEvent.objects.update(kind="thing.gone")
    work()
    assert WebhookEvent.objects.get().state == "ignored"


def test_while_the_vendor_is_away_the_event_waits(vendor: Vendor) -> None:
    vendor.down = True
    receive("test", "evt_4", "thing.changed", {})
    work()
    assert WebhookEvent.objects.get().state == "received"
    assert [ids for rule, ids in verify() if rule.name.startswith("I11")] == [[]]
    vendor.down = False
    Job.objects.update(run_after=timezone.now() - timedelta(seconds=1))
    work()
    assert WebhookEvent.objects.get().state == "applied"


def test_staff_read_events_and_change_none(vendor: Vendor, staff: User) -> None:
    receive("test", "evt_5", "thing.changed", {"seen": "by staff"})
    event = WebhookEvent.objects.get()
    office = Client()
    office.force_login(staff)
    assert "evt_5" in office.get("/admin/inbox/webhookevent/").content.decode()
    page = f"/admin/inbox/webhookevent/{event.pk}"
    shown = office.get(f"{page}/change/").content.decode()
    assert "by staff" in shown
    assert "test thing.changed evt_5" in shown
    assert office.get("/admin/inbox/webhookevent/add/").status_code == 403
    assert office.post(f"{page}/change/", {"state": "ignored"}).status_code == 403
    assert office.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
