"""Twenty downloads at once: how long they take beside yt-dlp alone, and what they leave of the pages' speed."""

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import issue_key
from billing.models import Plan
from downloads.choices import State
from downloads.models import Download
from downloads.services import request_many
from downloads.specs import DownloadSpec
from kapture.jobs.models import Job
from kapture.local.servers import free_port
from tests.bench.timing import p95
from tests.bench.web import serving, together
from tests.downloads.conftest import clip
from tests.faults.conftest import system
from tests.faults.system import System
from tests.gateways.media.test_fetch import padded

__all__ = ["clip", "system"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
FILES, ROUNDS = 20, 4
# What somebody would write without us: four at once, each put where media are kept.
RAW = """
import shutil, sys, uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from yt_dlp import YoutubeDL
folder, kept, *links = sys.argv[1:]
def fetch(link):
    options = {"quiet": True, "noprogress": True, "outtmpl": f"{folder}/{uuid.uuid4()}.%(ext)s", "cachedir": False}
    with YoutubeDL(options) as ydl:
        path = Path(ydl.extract_info(link)["requested_downloads"][0]["filepath"])
    shutil.copyfile(path, Path(kept) / path.name)
    path.unlink()
with ThreadPoolExecutor(4) as pool:
    list(pool.map(fetch, links))
"""


@contextmanager
def static_site(folder: Path) -> Iterator[str]:
    """The address of a server of a folder's files, in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def films(tmp_path: Path, clip: bytes) -> Path:
    """Twenty films of 5 MB and twenty of 50 MB, no two with the same bytes."""
    folder = tmp_path / "films"
    folder.mkdir()
    for number in range(FILES):
        for megabytes in (5, 50):
            film = padded(clip, megabytes * 1_000_000)
            (folder / f"{megabytes}-{number}.mp4").write_bytes(film[:-4] + number.to_bytes(4, "big"))
    return folder


def links(host: str, megabytes: int, turn: int) -> list[str]:
    """The addresses of the films of a size, others in each turn."""
    return [f"http://{host}/{megabytes}-{number}.mp4?turn={turn}" for number in range(FILES)]


def start(system: System, host: str) -> None:
    """A dispatcher and a worker with four processes."""
    system.env |= {"EGRESS_ALLOW": host, "DOWNLOAD_NICENESS": "10"}
    system.dispatcher()
    system.worker(concurrency=4)


def ask(user: User, addresses: list[str]) -> list[Job]:
    """The jobs of downloads of all these."""
    outcomes = request_many(user, [DownloadSpec(url=address) for address in addresses])
    return [outcome.download.job for outcome in outcomes if outcome.download]


def ample() -> None:
    """No limit of a plan is met: the four processes of the worker are what is shared."""
    Plan.objects.update(
        downloads=10_000, storage_bytes=1 << 40, concurrent_downloads=FILES, requests_per_minute=1_000_000
    )


def test_twenty_files_take_little_longer_than_with_yt_dlp_alone(
    system: System, alice: User, films: Path, tmp_path: Path, settings: Any
) -> None:
    ample()
    kept = tmp_path / "kept"
    ratios = []
    with static_site(films) as host:
        settings.EGRESS_ALLOW = frozenset({host})
        start(system, host)
        # Every process has had its first.
        system.drain(ask(alice, links(host, 5, 99)), seconds=120)
        for turn in range(ROUNDS):
            kept.mkdir()
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", RAW, str(tmp_path), str(kept), *links(host, 5, turn)], check=True)
            alone = time.perf_counter() - began
            assert len(list(kept.iterdir())) == FILES
            shutil.rmtree(kept)
            began = time.perf_counter()
            system.drain(ask(alice, links(host, 5, turn)), seconds=120)
            ours = time.perf_counter() - began
            print(f"\n20 files of 5 MB: yt-dlp alone {alone:.2f} s, Kapture {ours:.2f} s, x{ours / alone:.2f}", end="")  # noqa: T201
            ratios.append(ours / alone)
    assert Download.objects.filter(state=State.COMPLETED).count() == FILES * (ROUNDS + 1)
    assert statistics.median(ratios) <= 1.25


def test_pages_stay_quick_while_large_files_come(
    system: System, alice: User, films: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ample()
    monkeypatch.setenv("API_RATE", "1000000/minute")
    browser = Client()
    browser.force_login(alice)
    cookie = {"Cookie": f"sessionid={browser.cookies['sessionid'].value}"}
    key = {"Authorization": f"Bearer {issue_key(alice, 'bench').secret}"}
    asked = [("/downloads/", cookie), ("/trends/", cookie), ("/api/downloads", key)]
    with static_site(films) as host, serving(tmp_path) as port:
        settings.EGRESS_ALLOW = frozenset({host})
        start(system, host)
        # As many rows are listed before as beside: their drawing is not what is measured.
        for turn in (98, 99):
            system.drain(ask(alice, links(host, 5, turn)))
        together(port, asked, threads=2, each=20)
        alone: list[list[float]] = [[] for _ in asked]
        beside: list[list[float]] = [[] for _ in asked]
        # In turns: a shared machine is slow for a while and then is not.
        for turn in range(ROUNDS):
            add(alone, together(port, asked, threads=2, each=20))
            jobs = ask(alice, links(host, 50, turn))
            add(beside, together(port, asked, threads=2, each=20))
            running = Job.objects.filter(pk__in=[job.pk for job in jobs]).exclude(state="completed").count()
            assert running, "the downloads ended before the pages were asked"
            system.drain(jobs, seconds=300)
    ratios = []
    for (path, _), early, late in zip(asked, alone, beside, strict=True):
        ratios.append(p95(late) / p95(early))
        print(f"\n{path:16} p95 alone {p95(early):.1f} ms, beside {p95(late):.1f} ms, x{ratios[-1]:.2f}", end="")  # noqa: T201
    assert max(ratios) < 1.5


def add(into: list[list[float]], times: list[list[float]]) -> None:
    """Put the times of each request to those it has."""
    for known, more in zip(into, times, strict=True):
        known += more
