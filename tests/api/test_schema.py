"""The OpenAPI document is valid, complete and kept; the page that shows it runs under the strict policy."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.validation import validate_schema

from accounts.models import User
from accounts.services import issue_key
from billing.services import reserve
from kapture.api.docs import document
from kapture.api.errors import CODES
from kapture.core.choices import UsageKind
from kapture.core.ids import new_id
from tests.api.answers import refused

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(document())
    return found


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, item in schema["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def test_the_document_is_valid_openapi_3_1(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1")
    validate_schema(schema)


def routes_of(part: Any) -> Iterator[str]:
    """The routes below a part of the addresses, however deep they are included."""
    for pattern in part.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from (f"{pattern.pattern}{route}" for route in routes_of(pattern))
        else:
            yield str(pattern.pattern)


def test_every_route_of_the_api_is_in_it(schema: dict[str, Any]) -> None:
    api = next(part for part in get_resolver().url_patterns if str(part.pattern) == "api/")
    known = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/api/{route}") for route in routes_of(api)}
    told = {re.sub(r"\{pk\}", "{id}", path) for path in known} - {"/api/schema", "/api/docs"}
    assert told == set(schema["paths"])


def test_every_answer_is_declared_in_the_envelope(schema: dict[str, Any]) -> None:
    for method, path, operation in operations(schema):
        where = f"{method} {path}"
        good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        assert good, where
        for answer in good:
            body = answer.get("content", {}).get("application/json")
            if body:
                told = schema["components"]["schemas"]["DryRun"] if "$ref" in body["schema"] else body["schema"]
                assert set(told["required"]) == {"success", "data", "error", "meta"}, where
        assert {str(status) for status in CODES} <= set(operation["responses"]), where


def test_what_changes_something_tells_what_a_dry_run_key_gets(schema: dict[str, Any]) -> None:
    dry_run = {"$ref": "#/components/schemas/DryRun"}
    for method, path, operation in operations(schema):
        if method != "get" and operation.get("security"):
            told = operation["responses"]["200"]["content"]["application/json"]["schema"]
            assert told == dry_run or dry_run in told["anyOf"], f"{method} {path}"


def test_names_on_the_wire_are_camel_case(schema: dict[str, Any]) -> None:
    for name, part in schema["components"]["schemas"].items():
        for field in part.get("properties", {}):
            assert "_" not in field, f"{name}.{field}"
    for method, path, operation in operations(schema):
        for parameter in operation.get("parameters", []):
            assert "_" not in parameter["name"], f"{method} {path} {parameter['name']}"


def is_signed(path: str) -> bool:
    """Whether vendors or a clock call it, which prove themselves by a signature or a token, and may do so twice."""
    return path.startswith(("/api/webhooks/", "/api/cron/"))


def test_posts_that_create_or_spend_take_an_idempotency_key(schema: dict[str, Any]) -> None:
    keyed = {
        f"{method} {path}"
        for method, path, operation in operations(schema)
        if any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", []))
    }
    posts = {f"post {path}" for method, path, _ in operations(schema) if method == "post" and not is_signed(path)}
    # A look at a link spends nothing, a job that was stopped twice is stopped, and the news of Clerk stay the same;
    # what a watch would take and raise is only told.
    assert posts - keyed == {
        "post /api/auth/sync",
        "post /api/downloads/preview",
        # Asked twice, a download is paused, goes on or stands first once.
        "post /api/downloads/{id}/pause",
        "post /api/downloads/{id}/resume",
        "post /api/downloads/{id}/restore",
        "post /api/downloads/{id}/start",
        "post /api/jobs/cancel",
        "post /api/trends/watches/backtest",
        "post /api/trends/watches/cost",
    }
    assert keyed <= posts


def test_lists_take_pages(schema: dict[str, Any]) -> None:
    names = {parameter["name"] for parameter in schema["paths"]["/api/jobs"]["get"]["parameters"]}
    assert {"page", "limit", "cursor", "state", "kind"} <= names


def test_only_public_routes_are_open(schema: dict[str, Any]) -> None:
    open_ones = [(method, path) for method, path, operation in operations(schema) if not operation.get("security")]
    free = {f"{method} {path}" for method, path in open_ones if not is_signed(path)}
    assert free == {"get /api/billing/packs", "get /api/billing/plans", "get /api/health"}


@pytest.mark.django_db
def test_answers_match_the_document(schema: dict[str, Any], api: Client, browser: Client, alice: User) -> None:
    issue_key(alice, "key")
    reserve(alice, UsageKind.SCRAPE, 1, source_id=new_id())
    for path in (
        "/api/auth/user",
        "/api/auth/keys",
        "/api/billing/plans",
        "/api/billing/usage",
        "/api/jobs",
        "/api/health",
    ):
        check(schema, path, "get", api.get(path))
    check(schema, "/api/auth/keys", "post", browser.post("/api/auth/keys", {"name": "k"}, "application/json"))
    check(schema, "/api/auth/user", "patch", api.patch("/api/auth/user", {"name": "A"}, "application/json"))
    check(schema, "/api/auth/user", "patch", api.patch("/api/auth/user", {"x": "A"}, "application/json"))
    check(schema, "/api/auth/user", "get", Client().get("/api/auth/user"))
    check(schema, "/api/jobs/{id}", "get", api.get(f"/api/jobs/{new_id()}"))


def check(schema: dict[str, Any], path: str, method: str, response: Any) -> None:
    declared = schema["paths"][path][method]["responses"][str(response.status_code)]
    validator = jsonschema.Draft202012Validator(
        {**declared["content"]["application/json"]["schema"], "components": schema["components"]},
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )
    validator.validate(response.json())


def test_the_document_is_json_for_anybody_and_kept(client: Client) -> None:
    response = client.get("/api/schema")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/vnd.oai.openapi+json"
    assert response["Cache-Control"] == "public, max-age=300"
    again = client.get("/api/schema", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head("/api/schema").content == b""


@pytest.mark.parametrize("path", ["/api/schema", "/api/docs"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_other_methods_are_refused_in_the_envelope(client: Client, path: str, method: str) -> None:
    response = getattr(client, method)(path)
    refused(response, 405, "METHOD_NOT_ALLOWED")
    assert response["Allow"] == "GET, HEAD"


@pytest.mark.django_db
def test_the_page_needs_nothing_inline_and_nothing_from_elsewhere(client: Client, browser: Client) -> None:
    for somebody in (client, browser):
        response = somebody.get("/api/docs")
        assert response.status_code == 200
        policy = response["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        page = response.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)
        addresses = re.findall(r"<(?:script|link)[^>]+(?:src|href)=\"([^\"]+)\"", page)
        assert addresses
        assert all(address.startswith("/") and not address.startswith("//") for address in addresses)


def test_what_the_page_loads_exists() -> None:
    template = (Path(settings.BASE_DIR) / "templates" / "api" / "docs.html").read_text()
    names = re.findall(r"static '([^']+)'", template)
    assert len(names) == 4
    assert all(finders.find(name) for name in names)
    # Sheets under css/ become one and are no longer there by name.
    assert not any(name.startswith("css/") for name in names)
