"""`python -m kapture.sandbox`: one process with all stand-ins, its addresses in a file, and a clean end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kapture.sandbox.control import Control

ROOT = Path(__file__).parents[2]


@contextmanager
def running(home: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    command = [sys.executable, "-m", "kapture.sandbox", "--home", str(home), *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield process, addresses(home / "sandbox.json")
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def addresses(file: Path) -> dict[str, str]:
    deadline = time.monotonic() + 20
    while not file.exists():
        assert time.monotonic() < deadline, "the sandbox did not tell its addresses"
        time.sleep(0.05)
    found: dict[str, str] = json.loads(file.read_text())
    return found


def is_up(url: str) -> bool:
    host, port = url.split("/")[2].split(":")
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, int(port))) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_start_tell_their_addresses_and_end_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path) as (process, told):
        assert set(told) == {"apify", "clerk", "mail", "openai", "reddit", "stripe", "video", "ytdlp"}
        assert told["openai"].endswith("/v1")
        names = {name: Control(url).get("/_sandbox/health")["name"] for name, url in told.items()}
        assert names == {name: name for name in told}
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stdout
        assert json.loads(process.stdout.read()) == told
        assert not any(is_up(url) for url in told.values())


def test_only_some_start_on_the_ports_given(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with running(tmp_path, "--only", "apify", "--apify-port", str(port)) as (_, told):
        assert told == {"apify": f"http://127.0.0.1:{port}"}


def test_a_taken_port_ends_the_start_with_a_reason(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "kapture.sandbox", "--home", str(tmp_path), "--only", "apify"]
        command += ["--apify-port", str(taken.getsockname()[1])]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "cannot start" in done.stderr
    assert not (tmp_path / "sandbox.json").exists()


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kapture.sandbox", "--home", str(tmp_path), "--only", "apify"]
    script = f"import subprocess, time; print(subprocess.Popen({command!r}).pid, flush=True); time.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    told = addresses(tmp_path / "sandbox.json")
    assert is_up(told["apify"])
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while is_up(told["apify"]):
        assert time.monotonic() < deadline, f"process {child} outlives its parent"
        time.sleep(0.1)


def test_sample_posts_point_to_the_video_site(tmp_path: Path) -> None:
    with running(tmp_path, "--only", "apify,video", "--run-seconds", "0") as (_, told):
        run = start(told["apify"])
        items = Control(told["apify"]).get(f"/v2/datasets/{run}/items?token=t")
        assert items
        assert all(item["url"].startswith(f"{told['video']}/watch/") for item in items if "error" not in item)


def start(url: str) -> str:
    body = {"searchQueries": ["hooks"], "maxResults": 3}
    found = Control(url).post("/v2/actors/streamers~youtube-scraper/runs?token=t", body)
    return str(found["data"]["defaultDatasetId"])


def test_it_imports_neither_django_nor_the_rest_of_the_product() -> None:
    script = (
        "import sys, kapture; before = set(sys.modules); import kapture.sandbox.__main__;"
        "print(sorted(name for name in set(sys.modules) - before"
        " if name.split('.')[0] in ('django', 'rest_framework', 'accounts', 'trends', 'downloads', 'ideaboards')"
        " or name.startswith('kapture.') and not name.startswith('kapture.sandbox')))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, env=os.environ)
    assert done.stdout.strip() == "[]", done.stderr
