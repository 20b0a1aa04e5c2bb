"""Posting to addresses that users gave: signed, bounded, and never into a private network."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from pytest_django import Settings

from kapture.core.errors import InvalidInput, VendorFailed
from kapture.gateways.webhooks import Message, _Connection, _Deadline, check_target, post
from tests.trends.watches.receiver import Receiver, receiving

SECRET = "whsec_" + "ab" * 24
NOW = datetime.now(UTC)
MESSAGE = Message("msg_1", b'{"type":"watch.alerts"}', NOW)


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """An address of somebody, which may be reached."""
    with receiving() as made:
        settings.EGRESS_ALLOW = frozenset({made.pair})
        yield made


def failure(url: str, **how: Any) -> VendorFailed:
    with pytest.raises(VendorFailed) as caught:
        post(url, SECRET, MESSAGE, **how)
    return caught.value


def test_a_message_is_signed_as_the_standard_says(receiver: Receiver) -> None:
    assert post(receiver.url, SECRET, MESSAGE) == 200
    headers, body, path = receiver.messages[0]
    assert (body, path) == (MESSAGE.body, "/alerts?to=me")
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_1", str(int(NOW.timestamp())))
    assert headers["host"] == receiver.pair
    # However long ago this module was imported.
    with time_machine.travel(NOW):
        assert receiver.is_genuine(SECRET)
        with pytest.raises(Exception, match="signature"):
            receiver.is_genuine("whsec_" + "cd" * 24)


@pytest.mark.parametrize(
    ("status", "reason", "retryable"),
    [
        (301, "answered_301", True),
        (302, "answered_302", True),
        (404, "answered_404", True),
        (410, "answered_410", False),
        (500, "answered_500", True),
    ],
)
def test_what_is_no_success_is_a_failure_with_a_name(
    receiver: Receiver, status: int, reason: str, retryable: bool
) -> None:
    receiver.statuses, receiver.headers = [status], {"Location": receiver.url}
    error = failure(receiver.url)
    assert (error.reason, error.retryable) == (reason, retryable)
    assert len(receiver.messages) == 1


def test_no_more_of_an_answer_is_read_than_needed(receiver: Receiver) -> None:
    receiver.size = 50 << 20
    began = time.monotonic()
    assert post(receiver.url, SECRET, MESSAGE) == 200
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("how", ["wait", "drip"])
def test_all_of_it_takes_no_longer_than_the_deadline(receiver: Receiver, how: str) -> None:
    if how == "wait":
        receiver.wait = 5.0
    else:
        receiver.size, receiver.piece, receiver.drip = 10_000, 100, 0.2
    began = time.monotonic()
    assert failure(receiver.url, seconds=0.6).reason == "too_slow"
    assert time.monotonic() - began < 1.6


def test_the_look_up_of_a_name_counts(settings: Settings) -> None:
    with receiving() as receiver:
        settings.EGRESS_ALLOW = frozenset({f"slow.example.com:{receiver.port}"})
        answered = threading.Event()

        def never(host: str, port: int) -> list[str]:
            answered.wait(10)
            return ["127.0.0.1"]

        def late(host: str, port: int) -> list[str]:
            time.sleep(0.5)
            return ["127.0.0.1"]

        receiver.wait = 0.5
        for resolve in (never, late):
            began = time.monotonic()
            error = failure(f"http://slow.example.com:{receiver.port}/", seconds=0.8, resolve=resolve)
            assert error.reason == "too_slow"
            assert time.monotonic() - began < 1.3
        answered.set()


@pytest.mark.parametrize("drip", [b"", bytes([22, 3, 3, 63, 255])])
def test_a_server_that_delays_the_handshake_is_hung_up_on(settings: Settings, drip: bytes) -> None:
    """It says nothing, or goes on beginning a record that never ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        settings.EGRESS_ALLOW = frozenset({f"127.0.0.1:{port}"})
        hung_up = threading.Event()

        def delay() -> None:
            taken, _ = server.accept()
            with taken:
                taken.recv(4096)
                taken.settimeout(0.1)
                for number in range(60):
                    try:
                        if drip:
                            taken.sendall(drip[number : number + 1] or b"\0")
                        if not taken.recv(4096):
                            break
                    except TimeoutError:
                        continue
                    except OSError:
                        break
                else:
                    return
                hung_up.set()

        thread = threading.Thread(target=delay)
        thread.start()
        began = time.monotonic()
        assert failure(f"https://127.0.0.1:{port}/", seconds=0.6).reason == "too_slow"
        assert time.monotonic() - began < 1.6
        thread.join()
        assert hung_up.is_set()


def test_time_that_ends_before_there_is_a_connection_ends_it_all_the_same(settings: Settings) -> None:
    with receiving() as receiver:
        settings.EGRESS_ALLOW = frozenset({receiver.pair})
        receiver.size, receiver.piece, receiver.drip = 10_000, 100, 0.2
        deadline = _Deadline("127.0.0.1", 0.6)
        with _Connection("127.0.0.1", "127.0.0.1", receiver.port, deadline, secure=False) as connection:
            connection._hang_up()
            began = time.monotonic()
            with pytest.raises(VendorFailed, match="did not answer within"):
                connection.post("/", b"{}", {})
            assert time.monotonic() - began < 0.5
        assert receiver.messages == []


def test_nobody_there_and_nobody_known(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings.EGRESS_ALLOW = frozenset({f"127.0.0.1:{port}", "nobody.invalid:443"})
    assert failure(f"http://127.0.0.1:{port}/").reason == "no_answer"
    assert failure("https://nobody.invalid/").reason == "no_address"


def test_a_server_without_a_valid_certificate_is_not_trusted(settings: Settings, tmp_path: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        settings.EGRESS_ALLOW = frozenset({f"127.0.0.1:{port}"})

        def refuse() -> None:
            taken, _ = server.accept()
            with taken:
                taken.recv(1024)
                # A TLS alert: the handshake fails.
                taken.sendall(bytes([21, 3, 3, 0, 2, 2, 40]))

        thread = threading.Thread(target=refuse)
        thread.start()
        error = failure(f"https://127.0.0.1:{port}/")
        thread.join()
    assert isinstance(error.__cause__, ssl.SSLError)
    assert error.reason == "no_trust"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
        "http://localhost/", "http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/", "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data/", "http://168.63.129.16/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1]/", "http://[fd00::1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://0.0.0.0/",
        "http://metadata.internal/", "http://router.lan/", "http://intranet/", "http://example.com:22/",
        "http://user@example.com/", "http://user:pass@127.0.0.1/", "ftp://example.com/", "file:///etc/passwd",
        "gopher://example.com/", "javascript:alert(1)", "//example.com/", "http:///", "http://exa mple.com/",
        "http://example.com\\@127.0.0.1/", "http://①②⑦.⓪.⓪.①/", "http://127.0.0.1.:80/", "", "x" * 3000,
    ],
)  # fmt: skip
def test_addresses_that_lead_inside_are_refused_when_they_are_saved(url: str) -> None:
    with pytest.raises(InvalidInput):
        check_target(url)
    with pytest.raises(InvalidInput):
        post(url, SECRET, MESSAGE)


@pytest.mark.parametrize("url", ["http://example.com/", "http://example.com:443/", "HTTP://93.184.216.34/"])
def test_only_https_is_posted_to(url: str, settings: Settings) -> None:
    for ask in (check_target, lambda it: post(it, SECRET, MESSAGE)):
        with pytest.raises(InvalidInput) as refused:
            ask(url)
        assert refused.value.details == {"url": ["Alerts are posted over https:// only."]}
    settings.EGRESS_ALLOW = frozenset({"example.com:80"})
    assert check_target("http://example.com/") == "http://example.com/"


def test_letters_of_other_scripts_are_encoded_once(receiver: Receiver) -> None:
    told = receiver.url.replace("/alerts?to=me", "/größe/%C3%BC/a+b?wer=Zoë&was=%26#part")
    spelt = receiver.url.replace("/alerts?to=me", "/gr%C3%B6%C3%9Fe/%C3%BC/a+b?wer=Zo%C3%AB&was=%26")
    assert check_target(told) == spelt
    assert check_target(spelt) == spelt
    assert post(told, SECRET, MESSAGE) == 200
    assert spelt.endswith(receiver.messages[0][2])
    with pytest.raises(InvalidInput):
        check_target(f"https://example.com/{'ü' * 500}")


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["10.1.2.3"], ["93.184.216.34", "169.254.169.254"], ["::1"]])
def test_one_private_address_of_a_name_is_enough_to_refuse(addresses: list[str]) -> None:
    error = failure("https://rebinding.example.com/", resolve=lambda host, port: addresses)
    assert (error.reason, error.retryable) == ("private_address", False)


def test_the_address_that_was_looked_at_is_connected_to_and_the_name_is_told(settings: Settings) -> None:
    with receiving() as receiver:
        settings.EGRESS_ALLOW = frozenset({f"alerts.example.com:{receiver.port}"})
        asked = []

        def resolve(host: str, port: int) -> list[str]:
            asked.append(host)
            # A name that changes its answer: what comes second would lead nowhere.
            return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

        assert post(f"http://alerts.example.com:{receiver.port}/", SECRET, MESSAGE, resolve=resolve) == 200
        assert asked == ["alerts.example.com"]
        assert receiver.messages[0][0]["host"] == f"alerts.example.com:{receiver.port}"
