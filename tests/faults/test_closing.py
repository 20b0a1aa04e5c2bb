"""Closings and exports survive the death of their worker at every step, and a closing the return of every other."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.closing.register import Stage, parts
from accounts.closing.services import request_closing
from accounts.exporting.services import request_export
from accounts.models import Closing, DataExport, User
from downloads import services
from downloads.models import Download
from downloads.specs import DownloadSpec
from kapture.jobs.models import Job, State
from kapture.objects.models import StoredObject
from kapture.objects.sweeping import sweep
from kapture.sandbox.server import Server
from kapture.sandbox.stripe import StripeStandIn
from tests.accounts.planting import Planter, holding
from tests.accounts.test_export import opened
from tests.downloads.conftest import clip, site, watch
from tests.faults.system import System, assert_invariants
from tests.gateways.media.site import Site, slow
from tests.gateways.media.test_fetch import padded

__all__ = ["clip", "site", "watch"]
pytestmark = pytest.mark.django_db(transaction=True)
MARK = "⟁"
OF_JOBS = ("jobs.claimed", "jobs.before_finish", "jobs.inside_finish", "jobs.after_finish")
OF_CLOSING = (
    *(f"closing.{part.name}" for stage in Stage for part in parts(stage)),
    *(f"closing.{step.value}" for step in (Closing.Step.STOPPED, Closing.Step.UNSUBSCRIBED, Closing.Step.ERASED)),
    *OF_JOBS,
)
OF_EXPORT = (
    "exporting.rows",
    "exporting.media",
    "exporting.written",
    "objects.intent",
    "objects.put",
    "exporting.stored",
    *OF_JOBS,
)


@pytest.fixture(scope="module")
def stripe() -> Iterator[str]:
    """A Stripe that knows nobody."""
    with Server(StripeStandIn(webhook_secret="whsec_faults", deliver="manual")) as server:
        yield server.url


@pytest.fixture
def planted(alice: User, staff: User, system: System, settings: Settings, stripe: str) -> User:
    """Alice with one of everything, and workers that know her vendors and her files."""
    system.env |= {"STRIPE_SECRET_KEY": "sk_test_faults", "STRIPE_API_BASE": stripe}
    settings.STORAGES["default"]["OPTIONS"]["location"] = system.folder / "media"
    Planter(alice, staff, MARK).plant()
    # Work of no known kind would only be parked.
    Job.objects.filter(owner=alice).update(kind="test.work")
    return alice


def start(system: System, crash: str = "") -> None:
    system.env["CRASH"] = crash and f"{crash}:1"
    system.dispatcher()
    system.worker(1)


def crashed(system: System) -> bool:
    return (system.folder / "crashed").exists()


def assert_gone(system: System, job: Job) -> None:
    """The closing is at its end, and nothing of the person is left."""
    closing = Closing.objects.get()
    assert (closing.step, Job.objects.get(pk=job.pk).state) == (Closing.Step.CLOSED, State.COMPLETED)
    assert holding(MARK, "alice@example.com") == set()
    assert [path for path in (system.folder / "media").rglob("*") if path.is_file()] == []
    assert_invariants()


@pytest.mark.parametrize("point", OF_CLOSING)
def test_a_closing_goes_on_where_its_worker_died(system: System, planted: User, point: str) -> None:
    job = request_closing(planted, actor=planted, reason="person")
    start(system, point)
    system.drain([job])
    assert crashed(system), "the crash point was never passed"
    assert_gone(system, job)


@pytest.mark.parametrize("point", OF_EXPORT)
def test_an_export_is_made_again_when_its_worker_died(system: System, planted: User, point: str) -> None:
    Job.objects.filter(owner=planted).update(deadline_at="2100-01-01T00:00:00Z", run_after="2099-01-01T00:00:00Z")
    export = request_export(planted)
    start(system, point)
    system.until(lambda: not Job.objects.get(pk=export.job_id).is_active, 60)
    assert crashed(system), "the crash point was never passed"
    export = DataExport.objects.select_related("stored").get(pk=export.pk)
    assert opened(export).testzip() is None
    assert Job.objects.get(pk=export.job_id).state == State.COMPLETED
    # One file of this export; what the dead worker had stored waits for the sweeper.
    assert StoredObject.objects.filter(job_id=export.job_id, state="live").count() == 1
    assert not list((system.folder / "scratch").glob(f"{export.job_id}-2"))


def test_an_account_closed_in_the_middle_of_a_transfer(system: System, alice: User, site: Site, clip: bytes) -> None:
    """The worker is stopped, the closing ends without it, and what it does when it comes back changes nothing."""
    site.routes["/big.mp4"] = slow(padded(clip, 4 << 20), pause=0.2)
    system.env["EGRESS_ALLOW"] = site.host
    system.dispatcher()
    first = system.worker(1)
    download = services.request_download(alice, DownloadSpec(url=site.url("/big.mp4")))
    system.until(lambda: Job.objects.filter(facts__has_key="bytes").exists())
    os.killpg(first.pid, signal.SIGSTOP)
    system.worker(1)
    job = request_closing(alice, actor=alice, reason="person")
    system.drain([job])
    assert not Download.objects.exists()
    assert not Job.objects.filter(pk=download.job_id).exists()
    os.killpg(first.pid, signal.SIGCONT)
    time.sleep(3)
    sweep()
    assert not StoredObject.objects.exists()
    assert [path for path in Path(system.folder / "media").rglob("*") if path.is_file()] == []
    assert_invariants()
