"""A download survives the death of its worker at every step: one file, one charge, nothing left behind."""

import os
import signal
import time
from pathlib import Path

import pytest

from accounts.models import User
from billing.models import UsagePeriod
from downloads import services
from downloads.choices import State
from downloads.models import Download
from downloads.performing import sweep_scratch
from downloads.specs import DownloadSpec
from kapture.jobs.models import Job
from kapture.objects.models import StoredObject
from tests.downloads.conftest import clip, site, watch
from tests.faults.system import System, assert_invariants
from tests.gateways.media.site import Site, slow
from tests.gateways.media.test_fetch import padded

__all__ = ["clip", "site", "watch"]
pytestmark = pytest.mark.django_db(transaction=True)

POINTS = (
    "jobs.claimed",
    "downloads.before_fetch",
    "downloads.fetched",
    "objects.intent",
    "objects.put",
    "downloads.media_stored",
    "downloads.stored",
    "jobs.before_finish",
    "jobs.inside_finish",
    "jobs.after_finish",
)


def start(system: System, site: Site, crash: str = "") -> None:
    system.env |= {"EGRESS_ALLOW": site.host, "CRASH": crash}
    system.dispatcher()
    system.worker()


def leftovers(system: System) -> list[Path]:
    """Working folders and processes of downloads that are still there."""
    root = system.folder / "scratch"
    found = list(root.iterdir()) if root.exists() else []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            here = (entry / "cwd").readlink()
        except OSError:
            continue
        if root in here.parents:
            found.append(here)
    return found


def check(system: System, download: Download, attempts: int) -> None:
    download = Download.objects.select_related("job", "media").get(pk=download.pk)
    assert (download.state, download.job.attempt) == (State.COMPLETED, attempts)
    period = UsagePeriod.objects.get(user=download.owner, kind="download")
    assert (period.used, period.held) == (1, 0)
    live = set(StoredObject.objects.filter(state="live").values_list("pk", flat=True))
    assert live == {download.media_id, download.thumbnail_id}
    assert_invariants()
    # Beat does this every few minutes; a fetch process whose worker died needs a moment to notice it.
    sweep_scratch()
    system.until(lambda: not leftovers(system), seconds=5)


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_step_is_replaced(
    system: System, alice: User, site: Site, watch: str, point: str
) -> None:
    start(system, site, f"{point}:1")
    download = services.request_download(alice, DownloadSpec(url=watch))
    system.drain([download.job])
    assert (system.folder / "crashed").exists(), "the crash point was never passed"
    check(system, download, attempts=1 if point == "jobs.after_finish" else 2)


def test_a_worker_group_killed_in_the_middle_of_a_transfer_is_replaced(
    system: System, alice: User, site: Site, clip: bytes
) -> None:
    body = padded(clip, 1 << 20)
    site.routes["/big.mp4"] = slow(body, pause=0.2)
    system.env["EGRESS_ALLOW"] = site.host
    system.dispatcher()
    worker = system.worker()
    download = services.request_download(alice, DownloadSpec(url=site.url("/big.mp4")))
    system.until(lambda: Job.objects.filter(facts__has_key="bytes").exists())
    system.kill(worker)
    system.until(lambda: not leftovers(system), seconds=5)
    system.worker()
    system.drain([download.job])
    check(system, download, attempts=2)


def test_a_transfer_whose_worker_is_told_to_end_is_begun_anew_elsewhere(
    system: System, alice: User, site: Site, clip: bytes
) -> None:
    site.routes["/big.mp4"] = slow(padded(clip, 1 << 20), pause=0.2)
    system.env["EGRESS_ALLOW"] = site.host
    system.dispatcher()
    worker = system.worker()
    download = services.request_download(alice, DownloadSpec(url=site.url("/big.mp4")))
    system.until(lambda: Job.objects.filter(facts__has_key="bytes").exists())
    os.killpg(worker.pid, signal.SIGTERM)
    worker.wait(10)
    assert leftovers(system) == []
    system.worker()
    system.drain([download.job])
    check(system, download, attempts=1)


def test_a_cancelled_transfer_leaves_nothing(system: System, alice: User, site: Site, clip: bytes) -> None:
    site.routes["/big.mp4"] = slow(padded(clip, 8 << 20), pause=0.3)
    start(system, site)
    download = services.request_download(alice, DownloadSpec(url=site.url("/big.mp4")))
    system.until(lambda: Job.objects.filter(facts__has_key="bytes").exists())
    asked = time.monotonic()
    services.cancel_download(alice, Download.objects.select_related("job").get(pk=download.pk))
    system.drain([download.job])
    assert time.monotonic() - asked < 5
    download.refresh_from_db()
    assert download.state == State.CANCELLED
    assert not StoredObject.objects.exists()
    system.until(lambda: not leftovers(system), seconds=5)
    assert_invariants()
