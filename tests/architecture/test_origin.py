"""No other site changes anything with somebody's cookie: every unsafe route wants proof of where a request is from."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.middleware.csrf import _get_new_csrf_string

from kapture.core.dryrun import TakenBack
from tests.architecture.asking import ROUTES, UNSAFE, address, send
from tests.architecture.persons import Who
from tests.architecture.policy import CLOCKED, POLICY, SIGNED
from tests.architecture.things import THINGS
from tests.architecture.world import World, nothing_written, turn_clerk_off
from tests.thorough import some

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vendors")]
# Sessions play no part where only a vendor's signature or the clock's token counts.
BY_COOKIE = [
    (name, method)
    for (name, method), verdict in POLICY.items()
    if method in UNSAFE and verdict not in (SIGNED, CLOCKED)
]
OTHER_SITES = ("https://evil.example", "http://testserver.evil.example", "https://testserver", "null")


@pytest.mark.parametrize(("name", "method"), some(BY_COOKIE, 8), ids=lambda value: str(value))
def test_a_session_changes_nothing_without_proof_of_origin(
    name: str, method: str, world: World, settings: Any, tmp_path: Path
) -> None:
    turn_clerk_off(settings)
    route, verdict = ROUTES[name], POLICY[name, method]
    token = _get_new_csrf_string()
    with TakenBack():
        path = address(route, verdict, THINGS[verdict.of](world.alice, tmp_path) if verdict.of else {})
        client = world.client(Who.OWNER, enforce_csrf_checks=True)
        client.cookies["csrftoken"] = token
        with nothing_written(name):
            assert send(client, method, path, route, verdict.body).status_code == 403, "no token"
            foreign = send(client, method, path, route, verdict.body, **{"X-CSRFToken": "a" * 32})
            assert foreign.status_code == 403, "another token"
            for site in OTHER_SITES:
                told = {"X-CSRFToken": token, "Origin": site}
                assert send(client, method, path, route, verdict.body, **told).status_code == 403, site
            # What a form of another site may send without asking: JSON that calls itself text.
            text = client.generic(method, path, json.dumps(dict(verdict.body)), "text/plain")
            assert text.status_code in (403, 415), "text"


def test_the_token_lets_one_in(world: World) -> None:
    token = _get_new_csrf_string()
    client = world.client(Who.OWNER, enforce_csrf_checks=True)
    client.cookies["csrftoken"] = token
    route = ROUTES["api:me"]
    for told in ({}, {"Origin": "http://testserver"}):
        with TakenBack():
            sent = send(client, "PATCH", "/api/auth/user", route, {"name": "A"}, **{"X-CSRFToken": token, **told})
            assert sent.status_code == 200
