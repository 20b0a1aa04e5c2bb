"""The service's own rules: who may ask, what may be asked, what is kept within bounds, and when it does not start."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kapture.fetcher.orders import tightened
from kapture.gateways.media.types import Limits
from tests.fetcher.running import PROJECT, TOKEN, Running, environment, until
from tests.gateways.media.site import Site, endless

START = {"key": "a-key-of-a-test-00", "url": "http://127.0.0.1:9/clip.mp4"}


def test_only_who_knows_the_token_is_answered(service: Running) -> None:
    for method, path in (
        ("POST", "/download"),
        ("POST", "/preview"),
        ("GET", "/download/a-key-of-a-test-00"),
        ("DELETE", "/download/a-key-of-a-test-00"),
        ("GET", "/download/a-key-of-a-test-00/files/media.mp4"),
        ("GET", "/anything"),
    ):
        for token in ("", TOKEN[:-1], f"{TOKEN}0", "é"):
            response = service.ask(method, path, token, json=START)
            assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert service.ask("GET", "/health", "").json() == {"status": "ok", "contract": 1}
    assert service.ask("GET", "/health").json()["running"] == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("no json", 400),
        ("[]", 400),
        ("[" * 50_000, 400),
        (json.dumps({**START, "key": "short"}), 400),
        (json.dumps({**START, "key": "../../../../etc/passwd"}), 400),
        (json.dumps({**START, "url": 7}), 400),
        (json.dumps({**START, "url": "x" * 3_000}), 400),
        (json.dumps({**START, "kind": "album"}), 400),
        (json.dumps({**START, "limits": {"max_bytes": "much"}}), 400),
        (json.dumps({**START, "limits": {"max_seconds": -1}}), 400),
        (json.dumps({**START, "limits": {"unknown": 1}}), 400),
        (json.dumps({**START, "limits": []}), 400),
        (" " * (65 << 10), 413),
    ],
)
def test_orders_that_make_no_sense_start_nothing(service: Running, body: str, status: int) -> None:
    assert service.ask("POST", "/download", data=body).status_code == status
    assert service.ask("GET", "/health").json()["running"] == 0


def test_what_is_not_there_is_not_found(service: Running) -> None:
    for method, path in (("GET", "/download/nobody-knows-this"), ("PUT", "/download"), ("GET", "/"), ("GET", "/..")):
        assert service.ask(method, path, json={}).status_code == 404
    assert service.ask("DELETE", "/download/nobody-knows-that").status_code == 204


def test_files_are_sent_in_parts(service: Running, clip: str, media: Path) -> None:
    started = {"key": "a-key-for-its-parts", "url": clip}
    assert service.ask("POST", "/download", json=started).status_code == 202
    path = "/download/a-key-for-its-parts"
    until(lambda: service.ask("GET", path).json()["fetched"])
    told = service.ask("GET", path).json()
    assert {one["name"] for one in told["files"]} == {"media.mp4", "thumbnail.webp"}
    whole = service.ask("GET", f"{path}/files/media.mp4")
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert len(whole.content) == told["files"][0]["size"]

    def part(wanted: str) -> tuple[int, bytes, str]:
        response = service.ask("GET", f"{path}/files/media.mp4", headers={"Range": wanted})
        return response.status_code, response.content, response.headers.get("Content-Range", "")

    size = len(whole.content)
    assert part("bytes=0-9") == (206, whole.content[:10], f"bytes 0-9/{size}")
    assert part("bytes=100-") == (206, whole.content[100:], f"bytes 100-{size - 1}/{size}")
    assert part(f"bytes=5-{size * 2}") == (206, whole.content[5:], f"bytes 5-{size - 1}/{size}")
    assert part(f"bytes={size}-")[::2] == (416, f"bytes */{size}")
    assert part("bytes=-5")[0] == part("lines=1-2")[0] == 200
    for name in ("child.log", "..%2Fmedia.mp4", "../../orders"):
        assert service.ask("GET", f"{path}/files/{name}").status_code == 404
    # The same start again is the same download; another one of this key is refused.
    assert service.ask("POST", "/download", json=started).status_code == 202
    assert service.ask("POST", "/download", json={**started, "kind": "audio"}).status_code == 409
    assert service.ask("DELETE", path).status_code == 204
    assert service.folders() == []
    assert service.ask("GET", f"{path}/files/media.mp4").status_code == 404
    assert service.ask("POST", "/download", json=started).status_code == 410


def test_places_are_bounded_and_free_again(service: Running, site: Site, media: Path) -> None:
    site.routes["/endless.mp4"] = endless((media / "clip.mp4").read_bytes(), pause=0.05)
    keys = [f"one-of-too-many-{number}" for number in range(3)]
    answers = [
        service.ask("POST", "/download", json={"key": key, "url": site.url("/endless.mp4")}).status_code for key in keys
    ]
    assert answers == [202, 202, 429]
    for key in keys:
        assert service.ask("DELETE", f"/download/{key}").status_code == 204
    assert service.engines() == []
    told = service.ask("GET", "/health").json()
    assert (told["places"], told["running"], told["waiting"]) == (2, 0, 0)


def test_a_caller_can_neither_open_addresses_nor_raise_limits(service: Running, site: Site, media: Path) -> None:
    large = site.serve("/large.mp4", (media / "clip.mp4").read_bytes() + bytes(1 << 20), "video/mp4")
    wishes = {"limits": {"max_bytes": 1 << 40}, "allow": ["127.0.0.1:9"]}
    for key, url, reason in (
        ("a-caller-wants-more", large, "too_large"),
        ("a-caller-opens-doors", "http://127.0.0.1:9/clip.mp4", "refused_address"),
    ):
        assert service.ask("POST", "/download", json={**wishes, "key": key, "url": url}).status_code == 202
        until(lambda key=key: service.ask("GET", f"/download/{key}").json()["failed"])
        assert service.ask("GET", f"/download/{key}").json()["failed"]["error"] == reason
        service.ask("DELETE", f"/download/{key}")


def test_limits_become_tighter_only() -> None:
    own = Limits()
    assert tightened(own, replace(own, max_bytes=1 << 50, max_seconds=1e9, min_speed=1, free_space=0)) == own
    tight = tightened(own, replace(own, max_bytes=7, slow_seconds=1.0, min_speed=1 << 20, memory_bytes=1))
    assert (tight.max_bytes, tight.slow_seconds, tight.min_speed) == (7, 1.0, 1 << 20)
    assert tight.memory_bytes == own.memory_bytes
    assert tightened(own, replace(own, max_bytes=float("nan"))) == own


@pytest.mark.parametrize("token", ["", "too short to be one"])
def test_it_does_not_start_without_a_token(tmp_path: Path, token: str) -> None:
    done = started({**environment(tmp_path), "YTDLP_SERVICE_TOKEN": token})
    assert done.returncode != 0
    assert "YTDLP_SERVICE_TOKEN" in done.stderr


def test_two_services_do_not_share_a_folder(service: Running) -> None:
    done = started({**environment(service.home), "PORT": "0"})
    assert done.returncode == 2
    assert "Another service works in" in done.stderr
    assert service.ask("HEAD", "/health").status_code == 200


def started(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What a start that is to fail says."""
    command = [sys.executable, "-m", "kapture.fetcher"]
    return subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, timeout=30, check=False)
