"""Every route has a verdict in policy.py, and every verdict is kept."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.models import ApiKey, User
from accounts.services import issue_key
from downloads.models import Download
from ideaboards.models import Generation, Ideaboard
from kapture.jobs.models import Job
from kapture.objects.models import StoredObject
from tests.architecture.policy import CLOSED, NAMED, POLICY, SIGNED, Outcome, Verdict
from tests.architecture.routes import Route, routes
from tests.architecture.things import THINGS
from trends.models import Trend

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
UNSAFE = METHODS[1:]
ROUTES = {route.name: route for route in routes() if not route.is_admin}
# Views of the framework answer methods in their own way; what they let in is still in the policy.
FOREIGN = ("account_", "api:schema", "api:docs")
# Django masks its token anew on every page, and every form has a one-time id.
TOKEN = re.compile(r"\b(?:[A-Za-z0-9]{64}|[0-9a-f]{32})\b")
NOBODYS = UUID("00000000-0000-7000-8000-000000000000")
NOWHERE = {"pk": NOBODYS, "board": NOBODYS, "session": 2**31 - 1}
PRECIOUS = (Trend, Download, Ideaboard, Generation, Job, ApiKey, StoredObject, User)


def ours(name: str) -> bool:
    return not name.startswith(FOREIGN)


def address(route: Route, verdict: Verdict, values: dict[str, Any]) -> str:
    path = reverse(route.name, kwargs={name: values[name] for name in route.values})
    return f"{path}?{verdict.query}" if verdict.query else path


def send(client: Client, method: str, path: str, route: Route, body: Mapping[str, Any] | None = None) -> Any:
    """Send a request as the face takes it: JSON to the API, a form to a page."""
    if route.is_api and method in UNSAFE:
        return client.generic(method, path, json.dumps(body or {}), "application/json")
    return client.generic(method, path, urlencode(body or {}, doseq=True), "application/x-www-form-urlencoded")


def outcome(response: HttpResponseBase) -> Outcome | str:
    """What became of a request; a status that no policy knows is told as it is."""
    status = response.status_code
    if 300 <= status < 400:
        target = response["Location"].partition("?")[0]
        return Outcome.LOGIN if target == "/accounts/login/" else Outcome.IN
    if status < 300 or status in (400, 409, 422):
        return Outcome.IN
    known = {401: Outcome.UNAUTHORIZED, 403: Outcome.REFUSED, 404: Outcome.MISSING}
    known |= dict.fromkeys((502, 503), Outcome.NO_VENDOR)
    return known.get(status, str(status))


def snapshot(owner: User) -> dict[str, list[Any]]:
    """All rows that could belong to somebody, but for when they were last seen."""
    rows = {}
    for model in PRECIOUS:
        seen = {"last_login", "last_used_at"}
        names = [field.attname for field in model._meta.concrete_fields if field.attname not in seen]
        column = "pk" if model is User else "owner_id"
        rows[model.__name__] = list(model._default_manager.filter(**{column: owner.pk}).order_by("pk").values(*names))
    return rows


def plain(response: HttpResponseBase) -> str:
    """The body without what is new on each answer."""
    text: str = response.content.decode()
    return TOKEN.sub("", text.replace(response["X-Request-Id"], ""))


@pytest.fixture(autouse=True)
def _vendors(settings: Any) -> None:
    """Every vendor is on and answers nobody, so that requests get as far as they may."""
    settings.OPENAI_API_KEY = settings.APIFY_API_TOKEN = "set"
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"
    settings.APIFY_API_URL = "http://127.0.0.1:9"


@pytest.fixture
def clients(alice: User, bob: User, api_for: Callable[[User], Client]) -> Callable[[Route], dict[str, Client]]:
    """The three persons as a route's face knows them."""

    def make(route: Route) -> dict[str, Client]:
        if route.is_api:
            return {"anonymous": Client(), "owner": api_for(alice), "other": api_for(bob)}
        people = {"anonymous": Client(), "owner": Client(), "other": Client()}
        people["owner"].force_login(alice)
        people["other"].force_login(bob)
        return people

    return make


def test_every_route_has_a_verdict_and_every_verdict_a_route() -> None:
    declared = {name for name, _ in POLICY}
    assert sorted(set(ROUTES) - declared) == [], "routes without a verdict in tests/architecture/policy.py"
    assert sorted(declared - set(ROUTES)) == [], "verdicts of routes that are gone"


def test_every_route_has_a_name() -> None:
    assert [route.pattern for route in routes() if route.name.endswith("?") and not route.is_admin] == []


@pytest.mark.parametrize(("name", "method"), POLICY, ids=lambda value: str(value))
def test_the_verdict_is_kept(
    name: str, method: str, alice: User, clients: Callable[[Route], dict[str, Client]], tmp_path: Path
) -> None:
    route, verdict = ROUTES[name], POLICY[name, method]
    values = THINGS[verdict.of](alice, tmp_path) if verdict.of else {}
    people = clients(route)
    path = address(route, verdict, values)
    before = snapshot(alice)

    # Nobody and somebody else go first: the owner may well delete it.
    assert outcome(send(people["anonymous"], method, path, route, verdict.body)) == verdict.anonymous
    answer = send(people["other"], method, path, route, verdict.body)
    assert outcome(answer) == verdict.other
    if verdict.other is not Outcome.IN or not verdict.of:
        assert snapshot(alice) == before, "somebody else changed something"
    if verdict.other is Outcome.MISSING and verdict.of:
        nowhere = address(route, verdict, {**values, **NOWHERE})
        assert plain(send(people["other"], method, nowhere, route, verdict.body)).replace(nowhere, path) == plain(
            answer
        )
    assert outcome(send(people["owner"], method, path, route, verdict.body)) == verdict.owner


@pytest.mark.parametrize("name", [name for name in ROUTES if ours(name)])
def test_other_methods_are_refused(
    name: str, alice: User, clients: Callable[[Route], dict[str, Client]], tmp_path: Path
) -> None:
    route = ROUTES[name]
    declared = {method: verdict for (other, method), verdict in POLICY.items() if other == name}
    verdict = next(iter(declared.values()))
    values = THINGS[verdict.of](alice, tmp_path) if verdict.of else {}
    owner = clients(route)["owner"]
    for method in METHODS:
        if method not in declared:
            assert send(owner, method, address(route, verdict, values), route).status_code == 405, method


UNSAFE_PAGES = [(name, method) for name, method in POLICY if method in UNSAFE and not name.startswith("api:")]
# Sessions and keys play no part where only a vendor's signature or the clock's token counts.
UNSAFE_CALLS = [
    (name, method)
    for (name, method), verdict in POLICY.items()
    if method in UNSAFE and name.startswith("api:") and verdict not in (SIGNED, CLOSED)
]


@pytest.mark.parametrize(("name", "method"), [*UNSAFE_PAGES, *UNSAFE_CALLS], ids=lambda value: str(value))
def test_a_session_changes_nothing_without_proof_of_origin(name: str, method: str, alice: User, tmp_path: Path) -> None:
    route, verdict = ROUTES[name], POLICY[name, method]
    values = THINGS[verdict.of](alice, tmp_path) if verdict.of else {}
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    before = snapshot(alice)

    assert send(client, method, address(route, verdict, values), route).status_code == 403
    assert snapshot(alice) == before


@pytest.mark.parametrize(("name", "method"), UNSAFE_CALLS, ids=lambda value: str(value))
def test_a_key_that_may_only_read_changes_nothing(name: str, method: str, alice: User, tmp_path: Path) -> None:
    route, verdict = ROUTES[name], POLICY[name, method]
    values = THINGS[verdict.of](alice, tmp_path) if verdict.of else {}
    secret = issue_key(alice, "reader", scope=ApiKey.Scope.READ).secret
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    before = snapshot(alice)

    response = send(client, method, address(route, verdict, values), route)

    assert response.status_code == 403
    assert json.loads(response.content)["error"]["code"] == "FORBIDDEN"
    assert snapshot(alice) == before


@pytest.mark.parametrize(("name", "body"), NAMED, ids=lambda value: str(value))
def test_ids_in_bodies_are_no_way_around(
    name: str, body: Mapping[str, Any], alice: User, clients: Callable[[Route], dict[str, Client]], tmp_path: Path
) -> None:
    route = ROUTES[name]
    other = clients(route)["other"]
    text = json.dumps(body)
    real, none = text, text
    for thing in ("job", "trend", "board"):
        if f'"{thing}"' in text:
            real = real.replace(f'"{thing}"', f'"{THINGS[thing](alice, tmp_path)["pk"]}"')
            none = none.replace(f'"{thing}"', f'"{NOBODYS}"')
    before = snapshot(alice)

    answers = [send(other, "POST", reverse(name), route, json.loads(wanted)) for wanted in (real, none)]

    assert [answer.status_code for answer in answers] == [answers[1].status_code] * 2
    ids = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    assert ids.sub("", plain(answers[0])) == ids.sub("", plain(answers[1]))
    assert snapshot(alice) == before


def test_the_staff_admin_is_for_staff(browser: Client, staff: User) -> None:
    inside = Client()
    inside.force_login(staff)
    named = [route for route in routes() if route.is_admin and not route.name.endswith("?")]
    assert len(named) > 50
    for route in named:
        path = "/" + re.sub(r"<[^>]+>", "1", route.pattern).replace("^", "").replace("$", "")
        for client in (Client(), browser):
            response = client.get(path)
            if route.name not in ("admin:login", "admin:logout"):
                assert response.status_code in (302, 403, 404), route.name
                assert response.get("Location", "/admin/login/").startswith("/admin/login/"), route.name
    assert inside.get(reverse("admin:index")).status_code == 200
