"""Both kinds of store: folders of this machine, and a bucket behind a server that checks signatures."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages

from accounts.models import User
from kapture.local.bucket import Bucket
from kapture.objects.models import StoredObject
from kapture.objects.services import promote, store

BODY = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    """A server that stands for R2."""
    started = Bucket.start(tmp_path_factory.mktemp("s3"))
    yield started
    started.stop()


def remote(server: Bucket, bucket: str, **changes: str) -> dict[str, Any]:
    """The settings of a bucket there."""
    options = {
        "bucket_name": bucket,
        "endpoint_url": server.url,
        "access_key": server.access_key,
        "secret_key": server.secret_key,
        "region_name": "auto",
        **changes,
    }
    return {"BACKEND": "kapture.gateways.storage.remote.RemoteStorage", "OPTIONS": options}


@pytest.fixture
def bucket(server: Bucket, settings: Any, tmp_path: Path) -> Path:
    """The store is a bucket of its own; answers the folder behind it."""
    settings.STORAGES = {**settings.STORAGES, "default": remote(server, tmp_path.name.replace("_", "-").lower())}
    store: Any = storages["default"]
    store.client.create_bucket(Bucket=store.bucket_name)
    return server.folder / store.bucket_name


@pytest.fixture(params=["local", "remote"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Each kind of store in turn; answers the folder in which its files are."""
    return request.getfixturevalue("bucket") if request.param == "remote" else tmp_path / "media"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(BODY)
    return path


@pytest.fixture
def stored(alice: User, file: Path) -> StoredObject:
    row = store(alice.pk, file, suffix=".mp4", content_type="video/mp4")
    promote(row)
    return row
