"""A store elsewhere: links that cannot be bent, and trouble that ends with a name and leaves nothing."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.core.exceptions import ImproperlyConfigured

from accounts.models import User
from kapture.core.errors import VendorFailed
from kapture.core.health import probes
from kapture.gateways.storage import door
from kapture.gateways.storage.etags import proves
from kapture.local.bucket import Bucket
from kapture.local.servers import free_port
from kapture.objects.models import StoredObject
from kapture.objects.services import discard, link, store
from kapture.objects.sweeping import sweep, sweep_both
from kapture.settings.stores import media_store, origin_of
from tests.objects.conftest import BODY, remote
from tests.objects.relay import Relay, refusal, relaying

pytestmark = pytest.mark.django_db
ENDPOINT = "https://acc.r2.cloudflarestorage.com"
KEYS = {"R2_BUCKET": "media", "R2_ACCESS_KEY_ID": "key", "R2_SECRET_ACCESS_KEY": "secret"}


@pytest.fixture
def relay(server: Bucket, bucket: Path, settings: Any) -> Iterator[Relay]:
    """The store behind a relay."""
    with relaying(server.url) as one:
        through = remote(server, bucket.name, endpoint_url=one.url)
        settings.STORAGES = {**settings.STORAGES, "default": through}
        yield one


def put(alice: User, file: Path) -> StoredObject:
    return store(alice.pk, file, suffix=".mp4", content_type="video/mp4")


def status(address: str, method: str = "GET") -> int:
    try:
        with urlopen(Request(address, method=method, data=b"x" if method in ("PUT", "POST") else None)) as found:
            return int(found.status)
    except HTTPError as refused:
        return refused.code


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (".mp4?", ".txt?"),
        ("X-Amz-Expires=300", "X-Amz-Expires=604800"),
        ("attachment", "inline"),
        ("video%2Fmp4", "text%2Fhtml"),
        ("X-Amz-Signature=", "X-Amz-Signature=0"),
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256&", ""),
    ],
)
def test_a_link_that_was_changed_opens_nothing(
    bucket: Path, server: Bucket, stored: StoredObject, was: str, becomes: str
) -> None:
    address = link(stored, filename="a.mp4", inline=False)
    assert (status(address), was in address) == (200, True)
    assert status(address.replace(was, becomes)) in (400, 403)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
def test_a_link_only_reads(bucket: Path, stored: StoredObject, method: str) -> None:
    assert status(link(stored), method) == 403
    assert door().size_of(stored.key) == len(BODY)


def test_a_link_of_one_file_opens_no_other_and_lists_nothing(
    bucket: Path, server: Bucket, stored: StoredObject
) -> None:
    address = link(stored)
    path, _, query = address.partition("?")
    assert status(f"{path.rpartition('/')[0]}/other.mp4?{query}") == 403
    assert status(f"{server.url}/{bucket.name}?{query}") == 403
    assert status(f"{server.url}/{bucket.name}?list-type=2&prefix=u/") in (400, 403)
    assert status(path) in (400, 403)


def test_a_link_ends_and_a_deleted_file_is_gone(bucket: Path, settings: Any, stored: StoredObject) -> None:
    settings.MEDIA_LINK_SECONDS = 1
    short = link(stored)
    settings.MEDIA_LINK_SECONDS = 300
    address = link(stored)
    assert (status(address), "X-Amz-Expires=1&" in short) == (200, True)
    time.sleep(1.1)
    assert status(short) in (400, 403)
    discard(stored)
    sweep()
    assert status(address) == 404


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (refusal(503, "SlowDown"), "store_down"),
        (refusal(507, "InsufficientStorage"), "no_space"),
        (refusal(403, "RequestTimeTooSkewed"), "store_refused"),
    ],
)
def test_a_store_in_trouble_is_named_and_keeps_no_row(
    relay: Relay, alice: User, file: Path, answer: bytes, reason: str
) -> None:
    relay.before = lambda method, path: answer if method == "PUT" else None
    with pytest.raises(VendorFailed) as failed:
        put(alice, file)
    assert (failed.value.reason, failed.value.retryable) == (reason, True)
    assert sweep() == 1
    assert not StoredObject.objects.exists()


def test_a_store_that_is_away_is_named_at_once_and_rests_after_five_failures(
    server: Bucket, bucket: Path, settings: Any, alice: User, file: Path
) -> None:
    nobody = remote(server, bucket.name, endpoint_url=f"http://127.0.0.1:{free_port()}")
    settings.STORAGES = {**settings.STORAGES, "default": nobody}
    for _ in range(5):
        with pytest.raises(VendorFailed, match="does not answer") as failed:
            put(alice, file)
        assert failed.value.reason == "store_down"
    began = time.monotonic()
    with pytest.raises(VendorFailed) as resting:
        put(alice, file)
    assert (resting.value.reason, time.monotonic() - began < 0.5) == ("store_down", True)
    assert resting.value.retry_after is not None
    assert probes["storage"]()[0] == "down"
    # Nothing is forgotten meanwhile, and nothing breaks.
    assert sweep_both().listed is False
    assert StoredObject.objects.get().state == "deleting"


def test_an_answer_that_is_lost_once_leaves_one_file(relay: Relay, alice: User, file: Path) -> None:
    lost = iter([True])
    relay.lose = lambda method, path: method == "PUT" and next(lost, False)
    row = put(alice, file)
    assert [method for method, _ in relay.seen].count("PUT") == 2
    assert [entry.key for entry in door().entries("", 10)] == [row.key]


def test_a_file_whose_answer_is_always_lost_is_found_in_the_store(relay: Relay, alice: User, file: Path) -> None:
    relay.lose = lambda method, path: method == "PUT"
    row = put(alice, file)
    assert (row.state, door().size_of(row.key)) == ("pending", len(BODY))


def test_other_bytes_under_the_key_are_noticed(relay: Relay, alice: User, file: Path) -> None:
    other = b'HTTP/1.1 200 OK\r\nETag: "%s"\r\nContent-Length: 10240\r\nConnection: close\r\n\r\n' % (b"0" * 32)
    relay.before = lambda method, path: other if method == "HEAD" else None
    with pytest.raises(VendorFailed) as failed:
        put(alice, file)
    assert failed.value.reason == "store_mismatch"


def test_a_tag_proves_what_it_can(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"hello world")
    assert proves('"5eb63bbbe01eeed093cb22bb8f5acdc3"', path, 5)
    assert not proves('"5eb63bbbe01eeed093cb22bb8f5acdc4"', path, 5)
    # The MD5 of the MD5s of "hello", " worl" and "d".
    assert proves('"df349a9519959b17a605009540f4b31d-3"', path, 5)
    assert not proves('"df349a9519959b17a605009540f4b31d-2"', path, 5)
    assert not proves('"df349a9519959b17a605009540f4b31d-3"', path, 6)
    assert proves('"kms-something-else"', path, 5)


def configured(monkeypatch: pytest.MonkeyPatch, **names: str) -> dict[str, Any]:
    for name in ("R2_ACCOUNT_ID", "R2_ENDPOINT_URL", *KEYS):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"CLOUDFLARE_{name}", raising=False)
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    return media_store(Path("/media"))


def test_without_a_bucket_media_lies_in_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    found = configured(monkeypatch)
    assert found["OPTIONS"]["location"] == Path("/media")
    assert origin_of(found) == []


@pytest.mark.parametrize("prefix", ["", "CLOUDFLARE_"])
def test_an_account_or_an_address_and_a_key_make_a_bucket(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    named = {f"{prefix}{name}": value for name, value in KEYS.items()}
    found = configured(monkeypatch, **named, **{f"{prefix}R2_ACCOUNT_ID": "acc"})
    assert (found["OPTIONS"]["endpoint_url"], origin_of(found)) == (ENDPOINT, [ENDPOINT])


@pytest.mark.parametrize("missing", [*KEYS, "R2_ACCOUNT_ID"])
def test_half_a_configuration_stops_the_start_with_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    whole = {**KEYS, "R2_ACCOUNT_ID": "acc"}
    with pytest.raises(ImproperlyConfigured, match=missing):
        configured(monkeypatch, **{name: value for name, value in whole.items() if name != missing})
