"""Fixtures of all tests: three people, and clients that speak for them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.contrib.contenttypes.management import create_contenttypes
from django.core.cache import cache
from django.db.models.signals import post_migrate
from django.test import Client

from accounts.models import User
from accounts.services import issue_key
from tests.recorded import MISSING, RECORDED
from tests.seeds import seed
from tests.thorough import THOROUGH

# The same examples in every run: a suite that lands changes must not find its bugs by luck;
# HYPOTHESIS_PROFILE=explore looks for new ones.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None, max_examples=100 if THOROUGH else 25)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture
def recorded() -> Path:
    """Folder of recorded vendor data; tests that need it are skipped where it is not."""
    if not RECORDED.is_dir():
        pytest.skip(MISSING)
    return RECORDED


@pytest.fixture(autouse=True)
def _own_space(settings: Any, tmp_path: Path, worker_id: str) -> Iterator[None]:
    """Files and Redis keys of one test are its own."""
    settings.REDIS_PREFIX = f"test-{worker_id}-{tmp_path.name}"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media", "base_url": "/media/"},
        },
    }
    settings.SCRATCH = tmp_path / "scratch"
    yield
    cache.clear()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Content types and permissions come with the database, whose engine keeps them: nobody makes them anew."""
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")


@pytest.fixture
def plans(db: None) -> None:
    """The seeded plans; tests with real transactions end by emptying every table, seeds included."""
    seed()


@pytest.fixture
def alice(plans: None) -> User:
    """The owner of what a test looks at."""
    return User.objects.create_user("alice@example.com", "correct horse battery", name="Alice")


@pytest.fixture
def bob(plans: None) -> User:
    """Somebody else."""
    return User.objects.create_user("bob@example.com", "correct horse battery", name="Bob")


@pytest.fixture
def staff(plans: None) -> User:
    """A superuser."""
    return User.objects.create_superuser("staff@example.com", "correct horse battery")


@pytest.fixture
def browser(alice: User) -> Client:
    """Alice, signed in to the pages."""
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def stranger(bob: User) -> Client:
    """Bob, signed in to the pages."""
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def api_for() -> Callable[[User], Client]:
    """Make a client that calls the API with a key of a user."""
    return lambda user: Client(headers={"Authorization": f"Bearer {issue_key(user, 'test').secret}"})


@pytest.fixture
def api(alice: User, api_for: Callable[[User], Client]) -> Client:
    """Alice's program."""
    return api_for(alice)
