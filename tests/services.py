"""Pytest plugin: real PostgreSQL and Redis for the run, started before Django reads its settings.

Under xdist the controller starts them once; workers inherit the addresses.
"""

import os
import tempfile
from pathlib import Path

import pytest

from kapture.local.servers import Postgres, Redis, remove

HOME = Path(os.environ.get("KAPTURE_TEST_HOME", tempfile.gettempdir())) / f"kapture-tests-{os.getpid()}"
_started: list[Postgres | Redis] = []


def start() -> None:
    """Start what the environment does not name already."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        # Workers share the servers, each with a Redis database of its own: emptying a cache empties its database.
        number = int(worker.removeprefix("gw")) % 15 + 1
        os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{number}"
        return
    HOME.mkdir(parents=True, exist_ok=True)
    HOME.chmod(0o755)
    os.environ["KAPTURE_HOME"] = str(HOME)
    if "TEST_DATABASE_URL" in os.environ:
        os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
    else:
        postgres = Postgres.start(HOME / "postgres", volatile=True)
        _started.append(postgres)
        os.environ["DATABASE_URL"] = postgres.url("kapture")
    if "TEST_REDIS_URL" in os.environ:
        os.environ["REDIS_URL"] = os.environ["TEST_REDIS_URL"]
    else:
        redis = Redis.start(HOME / "redis", volatile=True)
        _started.append(redis)
        os.environ["REDIS_URL"] = redis.url
    # Tests say themselves which vendor is on; keys of the person running them must not leak in.
    for name in ("APIFY_API_TOKEN", "OPENAI_API_KEY", "STRIPE_SECRET_KEY", "CLERK_SECRET_KEY", "YTDLP_SERVICE_URL"):
        os.environ[name] = ""
    # Who asks a platform without a key finds nobody, unless a test starts a stand-in.
    for name in ("YOUTUBE_PROXY", "REDDIT_API_URL"):
        os.environ[name] = "http://127.0.0.1:9"
    os.environ["SCRAPING_PROVIDERS"] = ""
    # Beside a suite that keeps every processor busy nothing would come of stepping back.
    os.environ["DOWNLOAD_NICENESS"] = "0"


start()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop what was started and remove its folder."""
    while _started:
        _started.pop().stop()
    if not os.environ.get("PYTEST_XDIST_WORKER") and HOME.exists():
        remove(HOME)
