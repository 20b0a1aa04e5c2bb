"""Every route has a verdict in policy.py, and every verdict is kept for everybody who may come."""

import json
import re
from collections.abc import Mapping
from contextlib import closing, nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError
from django.db.transaction import atomic
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from kapture.core.dryrun import TakenBack
from tests.architecture.asking import METHODS, NOBODYS, ROUTES, address, outcome, send, whole
from tests.architecture.persons import EVERYBODY, ON_PAGES, Who, expected
from tests.architecture.policy import NAMED, POLICY, Outcome
from tests.architecture.routes import routes
from tests.architecture.things import THINGS
from tests.architecture.world import World, nothing_written, turn_clerk_off, turn_clerk_on, undrawn
from tests.thorough import some

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vendors")]
# A UUID or a number that stands alone in an address.
ID = re.compile(r"/(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+)/")
# Views of the framework answer methods in their own way; what they let in is still in the policy.
FOREIGN = ("account_", "api:schema", "api:docs")
LET_IN = (Outcome.IN, Outcome.NO_VENDOR)
# Those for whom pages are drawn whole, so that nothing that a template asks for by itself is left out.
DRAWN = (Who.OWNER, Who.OTHER)


def test_every_route_has_a_verdict_and_every_verdict_a_route() -> None:
    declared = {name for name, _ in POLICY}
    assert sorted(set(ROUTES) - declared) == [], "routes without a verdict in tests/architecture/policy.py"
    assert sorted(declared - set(ROUTES)) == [], "verdicts of routes that are gone"


def test_every_route_has_a_name() -> None:
    assert [route.pattern for route in routes() if route.name.endswith("?") and not route.is_admin] == []


@pytest.mark.parametrize(("name", "method"), some(list(POLICY), 6), ids=lambda value: str(value))
def test_the_verdict_is_kept_for_everybody(name: str, method: str, world: World, settings: Any, tmp_path: Path) -> None:
    route, verdict = ROUTES[name], POLICY[name, method]
    wrong = {}
    with TakenBack():
        values = THINGS[verdict.of](world.alice, tmp_path) if verdict.of else {}
        path = address(route, verdict, values)
        with closing(world.in_turn(EVERYBODY if route.is_api else ON_PAGES)) as people:
            for who in people:
                # Where Clerk is on, entrances look different; only its tokens need it.
                turn = turn_clerk_on if who in (Who.TOKEN, Who.CLOSED_TOKEN) else turn_clerk_off
                turn(settings)
                wanted = expected(who, verdict, method, is_api=route.is_api)
                watch = nullcontext() if wanted in LET_IN else nothing_written(f"{who} at {method} {name}")
                with watch, nullcontext() if who in DRAWN else undrawn():
                    got = outcome(send(world.client(who), method, path, route, verdict.body))
                if got != wanted:
                    wrong[who.value] = f"{got}, not {wanted}"
    assert wrong == {}


HIDDEN = [
    (name, method) for (name, method), verdict in POLICY.items() if verdict.other is Outcome.MISSING and verdict.of
]


@pytest.mark.parametrize(("name", "method"), some(HIDDEN, 8), ids=lambda value: str(value))
def test_what_is_somebody_elses_looks_like_what_does_not_exist(
    name: str, method: str, world: World, settings: Any, tmp_path: Path
) -> None:
    turn_clerk_off(settings)
    route, verdict = ROUTES[name], POLICY[name, method]
    with TakenBack():
        path = address(route, verdict, THINGS[verdict.of](world.alice, tmp_path))
        nowhere, odd = (ID.sub(f"/{other}/", f"{path}/")[:-1] for other in (NOBODYS, "not-an-id"))
        assert path != nowhere != odd
        for who in (Who.OTHER_KEY, Who.OTHER) if route.is_api else (Who.OTHER, Who.SUPERUSER):
            foreign, missing, malformed = (
                whole(send(world.client(who), method, asked, route, verdict.body), asked)
                for asked in (path, nowhere, odd)
            )
            assert foreign == missing, who
            assert malformed == missing, who


def give_one_of_everything(person: User, folder: Path) -> None:
    """Make what can be made beside what is there already."""
    for make in dict.fromkeys(THINGS.values()):
        with suppress(IntegrityError), atomic():
            make(person, folder)


def everything_shown(world: World, who: Who, *, is_api: bool) -> dict[str, Any]:
    """What somebody sees at every address of a face that names no thing, asking for what is A's."""
    shown = {}
    client = world.client(who)
    for (name, method), verdict in POLICY.items():
        route = ROUTES[name]
        if method == "GET" and not verdict.of and not route.values and route.is_api is is_api:
            path = f"{reverse(name)}?{verdict.query}&user={world.alice.pk}&owner={world.alice.pk}"
            shown[path] = whole(send(client, method, path, route), path)
    return shown


@pytest.mark.parametrize(("who", "owner"), [(Who.OTHER, Who.OWNER), (Who.OTHER_KEY, Who.WRITER)])
def test_lists_counts_and_searches_are_the_same_whatever_others_have(
    who: Who, owner: Who, world: World, settings: Any, tmp_path: Path
) -> None:
    turn_clerk_off(settings)
    is_api = who is Who.OTHER_KEY
    # Pages tell how long ago things were; that must not move while they are compared.
    with TakenBack(), time_machine.travel(timezone.now(), tick=False):
        give_one_of_everything(world.bob, tmp_path)
        before = everything_shown(world, who, is_api=is_api)
        give_one_of_everything(world.alice, tmp_path)
        after = everything_shown(world, who, is_api=is_api)
        assert everything_shown(world, owner, is_api=is_api) != after
    assert [path for path, shown in after.items() if shown != before[path]] == []


@pytest.mark.parametrize("name", some([name for name in ROUTES if not name.startswith(FOREIGN)], 8))
def test_other_methods_are_refused(name: str, world: World, settings: Any, tmp_path: Path) -> None:
    turn_clerk_off(settings)
    route = ROUTES[name]
    declared = {method: verdict for (other, method), verdict in POLICY.items() if other == name}
    verdict = next(iter(declared.values()))
    with TakenBack():
        values = THINGS[verdict.of](world.alice, tmp_path) if verdict.of else {}
        for method in METHODS:
            if method not in declared:
                client = world.client(Who.WRITER if route.is_api else Who.OWNER)
                with nothing_written(f"{method} {name}"):
                    response = send(client, method, address(route, verdict, values), route)
                assert response.status_code == 405, method


@pytest.mark.parametrize(("name", "body"), NAMED, ids=lambda value: str(value))
def test_ids_in_bodies_are_no_way_around(name: str, body: Mapping[str, Any], world: World, tmp_path: Path) -> None:
    route = ROUTES[name]
    ids = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    answers = []
    with TakenBack():
        text = json.dumps(body)
        real, none = text, text
        for thing in ("job", "trend", "board", "watch"):
            if f'"{thing}"' in text:
                real = real.replace(f'"{thing}"', f'"{THINGS[thing](world.alice, tmp_path)["pk"]}"')
                none = none.replace(f'"{thing}"', f'"{NOBODYS}"')
        for wanted in (real, none):
            with TakenBack():
                client = world.client(Who.OTHER_KEY if route.is_api else Who.OTHER)
                answers.append(whole(send(client, "POST", reverse(name), route, json.loads(wanted)), reverse(name)))
    assert ids.sub("", answers[0][1]) == ids.sub("", answers[1][1])
    assert (answers[0][0], answers[0][2]) == (answers[1][0], answers[1][2])
