"""Points of death: deadly where a test asks for it, once, and nothing anywhere else."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kapture.core.crash import crashpoint

PROJECT = Path(__file__).resolve().parents[2]
PASSES = """
from django.conf import settings
settings.configure(CRASHPOINTS=True)
from kapture.core.crash import crashpoint
for number in (1, 2, 3):
    print(number, flush=True)
    crashpoint("here")
"""


@pytest.fixture(autouse=True)
def _armed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CRASH_ONCE", str(tmp_path / "crashed"))


def test_the_product_passes_unharmed(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.CRASHPOINTS = False
    monkeypatch.setenv("CRASH", "product:1")
    crashpoint("product")
    assert not (tmp_path / "crashed").exists()


def test_only_the_named_point_at_the_named_pass_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CRASH", "named:2")
    crashpoint("other")
    crashpoint("named")
    assert not (tmp_path / "crashed").exists()


def test_who_comes_after_the_first_death_lives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "crashed").touch()
    monkeypatch.setenv("CRASH", "again")
    crashpoint("again")


def test_the_process_dies_at_once_and_only_the_first_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CRASH", "here:2")
    ends = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", PASSES], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=60
        )
        ends.append((done.returncode, done.stdout.split()))
    assert ends == [(-signal.SIGKILL, ["1", "2"]), (0, ["1", "2", "3"])]
    assert (tmp_path / "crashed").exists()
