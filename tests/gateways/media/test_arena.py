"""No way leads inside: the real engine in a small internet where every address but one is a canary."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.gateways.media.arena.vectors import TARGETS
from tests.gateways.media.conftest import PROJECT

# What may be the end of a vector: refused, or there was nothing that a fetch could follow.
HARMLESS = {"refused_address", "live", "unsupported", "unreachable", "removed"}


def run(walls: str, vectors: str, media: Path) -> dict[str, Any]:
    """What the arena says, in a process of its own that has left our network for good."""
    command = [sys.executable, "-m", "tests.gateways.media.arena", walls, vectors, str(media / "clip.mp4")]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=240, env=dict(os.environ))
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout)
    if reason := told.get("skipped"):
        pytest.skip(f"the arena needs a network namespace: {reason}")
    return told


def check(told: dict[str, Any]) -> None:
    """Nothing reached a canary, the canaries would have told, and the public host was there all along."""
    assert told["alive"] == ["10.0.0.5:6379", "::1:80"]
    assert told["canaries"] == []
    assert told["good"] == told["by redirect"] == "fetched"
    assert {name: end for name, end in told["ends"].items() if end not in HARMLESS} == {}
    asked = {name: answer for name, answer in told["answers"].items() if answer != "403 403"}
    assert asked == {}
    assert set(told["answers"]) == set(TARGETS)
    assert told["silent"] < 3


def test_no_way_leads_inside_where_the_kernel_holds_the_walls(media: Path) -> None:
    told = run("auto", "core", media)
    check(told)
    assert told["rebound"] >= 2
    refused = {name for name, end in told["ends"].items() if end == "refused_address"}
    assert refused == set(told["ends"])


@pytest.mark.thorough
def test_no_way_leads_inside_where_only_the_proxy_does(media: Path) -> None:
    told = run("off", "few", media)
    check(told)
    assert told["walls"] == [False, False]
    assert set(told["ends"].values()) == {"refused_address"}
