"""Bodies are read strictly: odd JSON ends as 400, 413 or 415, never as 5xx, and good text comes back unchanged."""

import gzip
import time
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.api.answers import accepted, refused

URL = "/api/auth/user"
LIMIT = 1 << 20


def send(api: Client, body: bytes, content_type: str = "application/json", **headers: str) -> Any:
    return api.generic("PATCH", URL, body, content_type, headers=headers)


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"{",
        b"}",
        b'{"name": "a"',
        b'{"name": "a"}x',
        b'{"name": "a"} {"name": "b"}',
        b'{"name": "a",}',
        b"{'name': 'a'}",
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b'{"name": -Infinity}',
        b'{"name": 01}',
        b'{"name": 1e400}',
        b'{"name": "\x00"}',
        b'{"name": "\\u0000"}',
        b'{"\\u0000": "a"}',
        b'{"name": ["a", {"b": "c\\u0000"}]}',
        b'{"name": "\\ud800"}',
        b'{"name": "\xed\xa0\x80"}',
        b'{"name": "\xff"}',
        b'\xef\xbb\xbf{"name": "a"}',
        '{"name": "a"}'.encode("utf-16"),
        '{"name": "a"}'.encode("utf-32-le"),
        b"name=a",
        b"// no\n{}",
    ],
)
def test_what_is_not_plain_json_is_400(api: Client, body: bytes) -> None:
    error = refused(send(api, body), 400, "VALIDATION_ERROR")
    assert isinstance(error["details"], dict)


@pytest.mark.parametrize("depth", [200, 300, 900, 1_100, 10_000, 100_000])
@pytest.mark.parametrize("leaf", [b"1", b'"\\u0000"', b'"a"'])
def test_deep_bodies_are_refused_in_no_time(api: Client, depth: int, leaf: bytes) -> None:
    started = time.perf_counter()
    for key in ({}, {"Idempotency-Key": f"deep-{depth}"}):
        refused(send(api, b'{"name": ' + b"[" * depth + leaf + b"]" * depth + b"}", **key), 400, "VALIDATION_ERROR")
        refused(send(api, b'{"a":' * depth + leaf + b"}" * depth, **key), 400, "VALIDATION_ERROR")
    assert time.perf_counter() - started < 2


def test_deep_bodies_do_no_harm_to_a_replayed_request(browser: Client) -> None:
    body = b'{"name": ' + b"[" * 400 + b"]" * 400 + b"}"
    response = browser.generic("POST", "/api/auth/keys", body, "application/json", headers={"Idempotency-Key": "deep"})
    refused(response, 400, "VALIDATION_ERROR")


def test_no_body_is_an_empty_object(api: Client) -> None:
    assert accepted(send(api, b""))["name"] == "Alice"


def test_a_hundred_levels_are_read(api: Client) -> None:
    error = refused(send(api, b'{"name": ' + b"[" * 100 + b"]" * 100 + b"}"), 400, "VALIDATION_ERROR")
    assert set(error["details"]) == {"name"}


def test_the_last_of_two_equal_keys_counts(api: Client) -> None:
    assert accepted(send(api, b'{"name": "first", "name": "last"}'))["name"] == "last"


def test_a_body_of_one_mebibyte_is_read_and_one_byte_more_is_413(api: Client) -> None:
    fits = b'{"name": "a"' + b" " * (LIMIT - len(b'{"name": "a"}')) + b"}"
    assert len(fits) == LIMIT
    accepted(send(api, fits))
    refused(send(api, fits + b" "), 413, "PAYLOAD_TOO_LARGE")
    refused(send(api, b"x" * (10 * LIMIT)), 413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "x", "/"],
)
def test_other_content_types_are_415(api: Client, content_type: str) -> None:
    refused(send(api, b'{"name": "a"}', content_type), 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_known_by_its_name_alone(api: Client, content_type: str) -> None:
    accepted(send(api, b'{"name": "a"}', content_type))


def test_a_body_without_a_type_is_415(api: Client) -> None:
    refused(send(api, b'{"name": "a"}', ""), 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "x"])
def test_compressed_bodies_are_not_opened(api: Client, encoding: str) -> None:
    response = send(api, gzip.compress(b'{"name": "a"}'), **{"Content-Encoding": encoding})
    refused(response, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "name",
    [
        "Žofie Šťastná",
        "👩🏽‍🚀 crew",
        "e\u0301 is not é",
        "\u202eright to left",
        "\u200bzero\u200bwidth",
        "${{7*7}} {{7*7}} <script>alert(1)</script>",
        "' OR 1=1; --",
        "%00 %0d%0a",
        "line\r\nbreak",
        "a" * 150,
    ],
)
def test_text_comes_back_as_it_was_sent(api: Client, alice: User, name: str) -> None:
    accepted(api.patch(URL, {"name": name}, "application/json"))
    alice.refresh_from_db()
    assert alice.name == accepted(api.get(URL))["name"] == name


@pytest.mark.parametrize("value", ["a" * 151, 7, True, None, ["a"], {"a": 1}, 1e308])
def test_a_value_of_the_wrong_kind_is_refused_by_name(api: Client, alice: User, value: object) -> None:
    response = api.patch(URL, {"name": value}, "application/json")
    if response.status_code == 200:
        # JSON numbers are read as their text, as the framework does for every text field.
        assert accepted(response)["name"] == str(value)
        return
    assert set(refused(response, 400, "VALIDATION_ERROR")["details"]) == {"name"}


def test_a_body_of_unknown_fields_is_not_answered_with_one_as_large(api: Client) -> None:
    sent = {f"field{number}": 1 for number in range(10_000)}
    error = refused(api.patch(URL, sent, "application/json"), 400, "VALIDATION_ERROR")
    assert len(error["details"]) == 20


def test_unknown_fields_change_nothing(api: Client, alice: User) -> None:
    sent = {"name": "New", "isStaff": True, "is_superuser": True, "email": "x@example.com", "id": "1", "password": "x"}
    error = refused(api.patch(URL, sent, "application/json"), 400, "VALIDATION_ERROR")
    assert {"isStaff", "is_superuser", "password"} <= set(error["details"])
    alice.refresh_from_db()
    assert (alice.name, alice.is_staff, alice.is_superuser, alice.email) == ("Alice", False, False, "alice@example.com")


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:image/svg+xml,x", "ftp://example.com/a", "//example.com", "http://a.b/c", "a" * 700],
)
def test_an_avatar_is_a_web_address(api: Client, url: str) -> None:
    error = refused(api.patch(URL, {"avatarUrl": url}, "application/json"), 400, "VALIDATION_ERROR")
    assert set(error["details"]) == {"avatarUrl"}
