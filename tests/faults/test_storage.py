"""Trouble with the store while real workers fetch: one file or none, one charge or none, and no bytes left over."""

import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from accounts.models import User
from billing.models import UsagePeriod
from downloads import services
from downloads.choices import Kind, State
from downloads.models import Download
from downloads.specs import DownloadSpec, Wish
from kapture.gateways.storage import door
from kapture.local.bucket import BUCKET, Bucket
from kapture.objects.models import StoredObject
from kapture.objects.sweeping import sweep, sweep_strays
from tests.downloads.conftest import clip, site, watch
from tests.faults.system import System, assert_invariants
from tests.faults.test_downloads import check, start
from tests.gateways.media.site import Site
from tests.objects.conftest import remote
from tests.objects.relay import Relay, refusal, relaying

__all__ = ["clip", "site", "watch"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    """A server that stands for R2."""
    started = Bucket.start(tmp_path_factory.mktemp("s3"))
    yield started
    started.stop()


@pytest.fixture
def relay(server: Bucket, system: System, settings: Any) -> Iterator[Relay]:
    """The store of this process and of all workers, behind a relay."""
    with relaying(server.url) as one:
        settings.STORAGES = {**settings.STORAGES, "default": remote(server, BUCKET, endpoint_url=one.url)}
        system.env |= {**server.env, "R2_ENDPOINT_URL": one.url}
        yield one


def settle() -> None:
    """Sweep as beat does, half an hour later, both ways."""
    StoredObject.objects.exclude(state="live").update(updated_at=timezone.now() - timedelta(minutes=31))
    sweep()
    sweep_strays(afresh=True)


def assert_one_file_each(user: User, used: int) -> None:
    """The store holds what the rows of completed downloads name, each was charged, and nothing else is there."""
    settle()
    rows = StoredObject.objects.all()
    assert set(rows.values_list("state", flat=True)) <= {"live"}
    mine = {entry.key for entry in door().entries(f"u/{user.pk}/", 1_000) if entry.key.startswith(f"u/{user.pk}/")}
    assert mine == set(rows.values_list("key", flat=True))
    kept = Download.objects.filter(state=State.COMPLETED).values_list("media__state", flat=True)
    assert list(kept) == ["live"] * used
    period = UsagePeriod.objects.get(user=user, kind="download")
    assert (period.used, period.held) == (used, 0)
    assert_invariants()


@pytest.mark.parametrize("point", ["objects.intent", "objects.put", "downloads.stored", "jobs.inside_finish"])
def test_a_worker_killed_around_an_upload_leaves_one_file(
    system: System, relay: Relay, alice: User, site: Site, watch: str, point: str
) -> None:
    start(system, site, f"{point}:1")
    download = services.request_download(alice, DownloadSpec(url=watch))
    system.drain([download.job])
    assert (system.folder / "crashed").exists(), "the crash point was never passed"
    check(system, download, attempts=2)
    assert_one_file_each(alice, 1)


def test_uploads_survive_a_store_that_is_down_and_answers_that_are_lost(
    system: System, relay: Relay, alice: User, site: Site, watch: str
) -> None:
    start(system, site)
    # Four requests are one upload with its repetitions.
    down = iter([True] * 4)
    relay.before = lambda method, path: refusal(503, "SlowDown") if method == "PUT" and next(down, False) else None
    first = services.request_download(alice, DownloadSpec(url=watch))
    system.drain([first.job])
    first.job.refresh_from_db()
    assert (first.job.state, first.job.attempt) == ("completed", 2)
    relay.lose = lambda method, path: method == "PUT"
    second = services.request_download(alice, DownloadSpec(url=watch))
    system.drain([second.job])
    second.job.refresh_from_db()
    assert (second.job.state, second.job.attempt) == ("completed", 1)
    relay.lose = lambda method, path: False
    assert_one_file_each(alice, 2)


def test_a_store_that_stays_down_ends_the_download_by_name(
    system: System, relay: Relay, alice: User, site: Site, watch: str
) -> None:
    start(system, site)
    relay.before = lambda method, path: refusal(503, "SlowDown") if method == "PUT" else None
    download = services.request_download(alice, DownloadSpec(url=watch))
    system.drain([download.job])
    download.refresh_from_db()
    assert (download.state, download.reason) == (State.FAILED, "store_down")
    assert_one_file_each(alice, 0)


def test_a_full_disk_ends_one_download_by_name_and_no_other(
    system: System, alice: User, site: Site, watch: str
) -> None:
    media = system.folder / "media"
    media.mkdir(exist_ok=True)
    if (
        os.geteuid()
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(media)], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("a small file system cannot be mounted here")
    try:
        noise = Image.frombytes("RGB", (300, 300), os.urandom(300 * 300 * 3))
        noise.save(system.folder / "noise.png")
        picture = site.serve("/noise.png", (system.folder / "noise.png").read_bytes(), "image/png")
        start(system, site)
        big = services.request_download(alice, DownloadSpec(url=picture, wish=Wish(Kind.IMAGE)))
        system.drain([big.job])
        big.refresh_from_db()
        assert (big.state, big.reason) == (State.FAILED, "no_space")
        sweep()
        small = services.request_download(alice, DownloadSpec(url=watch))
        system.drain([small.job])
        check(system, small, attempts=1)
        assert_one_file_each(alice, 1)
        assert not any((system.folder / "scratch").glob("*"))
    finally:
        subprocess.run(["umount", str(media)], check=True)
