"""Every answer is the envelope of the contract, refusals with the right code and nothing of the cause."""

import re

import pytest
from django.test import Client

from kapture.api.errors import CODES
from kapture.settings.api import SPECTACULAR_SETTINGS
from tests.api.answers import accepted, refused
from tests.api.kit import SECRET

pytestmark = pytest.mark.urls("tests.api.kit")


def test_an_answer_is_data_in_the_envelope_with_plain_types(api: Client) -> None:
    response = api.get("/api/kit/values")
    assert accepted(response) == {
        "id": "00000000-0000-0000-0000-000000000007",
        "at": "2026-01-02T03:04:05Z",
        "big": 9223372036854775807,
        "price": "19.90",
        "nothing": None,
    }
    assert response.json()["meta"] == {"usage": {"type": "scrape"}}


def test_names_are_camel_case_at_every_depth_and_free_json_is_untouched(api: Client) -> None:
    sent = {"someText": "a", "manyParts": [{"deepCount": 1}], "freeJson": {"snake_case": {"keep_me": 1}}}
    assert accepted(api.post("/api/kit/echo", sent, "application/json")) == sent


def test_details_name_each_wrong_field_by_its_path_on_the_wire(api: Client) -> None:
    sent = {"someText": "a" * 21, "manyParts": [{"deepCount": 1}, {"deepCount": 0}], "other": 1}
    error = refused(api.post("/api/kit/echo", sent, "application/json"), 400, "VALIDATION_ERROR")
    assert error["details"] == {"other": ["Unknown field."]}
    del sent["other"]
    error = refused(api.post("/api/kit/echo", sent, "application/json"), 400, "VALIDATION_ERROR")
    assert set(error["details"]) == {"someText", "manyParts.1.deepCount"}


def test_snake_case_is_an_unknown_field(api: Client) -> None:
    error = refused(api.post("/api/kit/echo", {"some_text": "a"}, "application/json"), 400, "VALIDATION_ERROR")
    assert error["details"]["some_text"] == ["Unknown field."]


@pytest.mark.parametrize("sent", ["[]", '"text"', "7", "null", "true", "[[]]"])
def test_a_body_that_is_no_object_is_refused(api: Client, sent: str) -> None:
    error = refused(api.post("/api/kit/echo", sent, "application/json"), 400, "VALIDATION_ERROR")
    assert all(isinstance(texts, list) for texts in error["details"].values())


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("invalid", 400, "VALIDATION_ERROR"),
        ("suspicious", 400, "VALIDATION_ERROR"),
        ("unauthorized", 401, "UNAUTHORIZED"),
        ("forbidden", 403, "FORBIDDEN"),
        ("denied", 403, "FORBIDDEN"),
        ("missing", 404, "NOT_FOUND"),
        ("missing-page", 404, "NOT_FOUND"),
        ("conflict", 409, "CONFLICT"),
        ("large", 413, "PAYLOAD_TOO_LARGE"),
        ("limited", 429, "RATE_LIMITED"),
        ("unforeseen", 500, "INTERNAL_SERVER_ERROR"),
        ("vendor", 502, "EXTERNAL_SERVICE_ERROR"),
        ("resting", 503, "SERVICE_UNAVAILABLE"),
        ("database", 503, "SERVICE_UNAVAILABLE"),
    ],
)
def test_each_way_to_fail_has_its_code_and_tells_nothing_else(api: Client, name: str, status: int, code: str) -> None:
    api.raise_request_exception = False
    response = api.get(f"/api/kit/raise/{name}")
    refused(response, status, code)
    assert SECRET.encode() not in response.content


@pytest.mark.parametrize(
    ("name", "seconds"), [("limited", "7"), ("vendor", "30"), ("resting", "60"), ("database", "5")]
)
def test_what_passes_with_time_says_when_to_come_back(api: Client, name: str, seconds: str) -> None:
    assert api.get(f"/api/kit/raise/{name}")["Retry-After"] == seconds


def test_a_vendor_failure_names_the_service_and_whether_waiting_helps(api: Client) -> None:
    error = refused(api.get("/api/kit/raise/vendor"), 502, "EXTERNAL_SERVICE_ERROR")
    assert error["details"] == {"service": "apify", "retryable": True}


def test_a_refusal_at_the_limit_carries_what_a_program_needs(api: Client) -> None:
    error = refused(api.post("/api/kit/spend", {}, "application/json"), 403, "USAGE_EXCEEDED")
    details = error["details"]
    needed = {"type", "limit", "current", "remaining", "requested", "resetsAt", "upgradeUrl", "alternatives"}
    assert needed <= set(details)
    assert (details["type"], details["limit"], details["current"]) == ("scrape", 20, 0)
    assert re.fullmatch(r"\d{4}-\d\d-01T00:00:00Z", details["resetsAt"])


def test_unknown_routes_and_methods_answer_in_the_envelope(api: Client) -> None:
    refused(api.get("/api/nothing-here"), 404, "NOT_FOUND")
    response = api.delete("/api/billing/usage")
    refused(response, 405, "METHOD_NOT_ALLOWED")
    assert "GET" in response["Allow"]


@pytest.mark.parametrize("method", ["put", "patch", "trace"])
def test_odd_methods_are_refused_everywhere(api: Client, method: str) -> None:
    for path in ("/api/health", "/api/billing/plans", "/api/auth/keys", "/api/jobs"):
        assert getattr(api, method)(path).status_code == 405, path


def test_the_request_id_of_the_caller_is_kept_when_it_is_plain(api: Client) -> None:
    assert api.get("/api/kit/values", headers={"X-Request-Id": "order-12345678"})["X-Request-Id"] == "order-12345678"
    for odd in ("short", "a" * 65, "with space here", "new\nline-1234", "x" * 7 + "é"):
        assert api.get("/api/kit/values", headers={"X-Request-Id": odd})["X-Request-Id"] != odd


def test_answers_of_the_api_are_not_kept_by_caches(api: Client) -> None:
    assert "no-store" in api.get("/api/auth/user").get("Cache-Control", "")


def test_the_schema_knows_every_code() -> None:
    assert len(set(CODES.values())) == len(CODES)
    assert SPECTACULAR_SETTINGS["OAS_VERSION"].startswith("3.1")
