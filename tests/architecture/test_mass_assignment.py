"""Fields nobody asked for change nothing: the API refuses them by name, and forms of pages do not see them."""

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.apps import apps
from django.db import models

from kapture.api.docs import document
from kapture.api.serializers import MOST_NAMED, camel
from kapture.core.dryrun import TakenBack
from tests.architecture.asking import ROUTES, UNSAFE, address, send
from tests.architecture.persons import Who
from tests.architecture.policy import POLICY, Outcome
from tests.architecture.things import THINGS
from tests.architecture.world import World, turn_clerk_off, undrawn
from tests.thorough import some

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vendors")]
ROOMS = (
    "accounts",
    "audit",
    "api",
    "billing",
    "trends",
    "downloads",
    "ideaboards",
    "library",
    "jobs",
    "inbox",
    "objects",
)
MODELS = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
COLUMNS = {field.name: field for model in MODELS for field in model._meta.concrete_fields}
PRIVILEGES = {
    "user", "owner", "owner_id", "user_id", "is_staff", "is_superuser", "is_active", "plan", "granted_plan", "status",
    "used", "limit", "held", "credits", "price_id", "stripe_customer_id", "storage_key", "fence", "created_at", "id",
}  # fmt: skip
NAMES = sorted(set(COLUMNS) | PRIVILEGES)
WATCH_FIELDS = {
    "name", "keywords", "platforms", "every_minutes", "cron", "limit", "date_range", "min_views", "language", "mails",
    "webhook_url",
}  # fmt: skip
# What a page takes besides what the policy sends; everything else it must not see.
TAKEN = {
    "accounts:notifications": {"mails_usage", "mails_account"},
    "accounts:profile": {"name"},
    "downloads:bulk": {"trend"},
    "downloads:request": {"urls"},
    "downloads:default-policy": {"wish", "subtitles", "lane"},
    "downloads:policies": {"host", "wish", "subtitles", "lane"},
    "downloads:policy": {"host", "wish", "subtitles", "lane"},
    "ideaboards:state": {"colour"},
    "trends:watch-new": WATCH_FIELDS,
    "trends:watch-edit": WATCH_FIELDS,
    "trends:watch-backtest": {"watch", *WATCH_FIELDS},
    "trends:scrape": {"limit", "keywords", "min_views", "date_range", "language"},
}
LONG_AGO = "2001-02-03T04:05:06Z"
# Ids in texts, and what is drawn by lot.
DRAWN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9_-]{20,}")
LOTS = {"prefix", "colour", "last_used_at"}


def greedy(world: World, name: str) -> Any:
    """A value of the right type for a name, which does harm where it is taken."""
    field = COLUMNS.get(name)
    match field:
        case models.BooleanField():
            return True
        case models.DateTimeField():
            return LONG_AGO
        case models.JSONField():
            return {"made": "up"}
        case models.IntegerField() | models.FloatField():
            return 7
        case models.ForeignKey() | models.UUIDField() | None:
            return str(world.bob.pk)
    return "studio"


def rows(world: World) -> dict[str, list[Any]]:
    """Everything in the database, without what is another in every run."""
    people = {person.pk: person.email for person in (world.alice, world.bob, world.staff)}
    return {model.__name__: sorted(_plain(model, people), key=repr) for model in MODELS}


def _plain(model: type[models.Model], people: dict[UUID, str]) -> Iterator[dict[str, Any]]:
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields if field.name not in LOTS and not isinstance(field, models.AutoField)]
    for row in model._base_manager.values(*names):
        yield {name: _known(value, people) for name, value in row.items()}


def _known(value: Any, people: dict[UUID, str]) -> Any:
    match value:
        case UUID():
            return people.get(value, "an id")
        case datetime():
            return LONG_AGO if value.year == 2001 else "a time"
        case str() | dict() | list():
            return DRAWN.sub("…", str(value))
    return value


def done(world: World, name: str, method: str, extra: dict[str, Any], folder: Path) -> tuple[int, dict[str, list[Any]]]:
    """The status of a request with more fields than asked for, and the database after it."""
    route, verdict = ROUTES[name], POLICY[name, method]
    with TakenBack():
        path = address(route, verdict, THINGS[verdict.of](world.alice, folder) if verdict.of else {})
        who = Who.OWNER if verdict.session or not route.is_api else Who.WRITER
        with undrawn():
            response = send(world.client(who), method, path, route, {**extra, **verdict.body})
        return response.status_code, rows(world)


WRITES = [(name, method) for (name, method), verdict in POLICY.items() if method in UNSAFE and verdict.needs_somebody]
DOCUMENT = orjson.loads(document())


def fields_of(name: str, method: str) -> set[str] | None:
    """The fields the schema declares for an operation of the API; None for one without a body."""
    pattern = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/{ROUTES[name].pattern}").replace("{pk}", "{id}")
    operation = DOCUMENT["paths"][pattern][method.lower()]
    if "requestBody" not in operation:
        return None
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    reference = schema["$ref"].rpartition("/")[2]
    return set(DOCUMENT["components"]["schemas"][reference]["properties"])


@pytest.mark.parametrize(
    ("name", "method"), some([one for one in WRITES if ROUTES[one[0]].is_api], 8), ids=lambda value: str(value)
)
def test_the_api_refuses_fields_it_does_not_know(
    name: str, method: str, world: World, settings: Any, tmp_path: Path
) -> None:
    turn_clerk_off(settings)
    declared = fields_of(name, method)
    spellings = {spelled for column in NAMES for spelled in (column, camel(column))} - (declared or set())
    extra = {spelled: greedy(world, spelled) for spelled in spellings}
    if declared is None:
        # Nothing of the body is read at all.
        assert done(world, name, method, extra, tmp_path) == done(world, name, method, {}, tmp_path)
        return
    route, verdict = ROUTES[name], POLICY[name, method]
    with TakenBack():
        path = address(route, verdict, THINGS[verdict.of](world.alice, tmp_path) if verdict.of else {})
        client = world.client(Who.OWNER if verdict.session else Who.WRITER)
        before = rows(world)
        for chosen in (spellings, *({spelled} for spelled in PRIVILEGES - declared)):
            body = {**verdict.body, **{spelled: extra[spelled] for spelled in chosen}}
            response = send(client, method, path, route, body)
            assert response.status_code == 400, chosen
            assert len(set(response.json()["error"]["details"]) & chosen) == min(len(chosen), MOST_NAMED)
        assert rows(world) == before


@pytest.mark.parametrize(
    ("name", "method"), some([one for one in WRITES if not ROUTES[one[0]].is_api], 8), ids=lambda value: str(value)
)
def test_pages_do_not_see_fields_that_are_not_in_their_form(
    name: str, method: str, world: World, settings: Any, tmp_path: Path
) -> None:
    turn_clerk_off(settings)
    body: Collection[str] = POLICY[name, method].body
    extra = {spelled: greedy(world, spelled) for spelled in NAMES if spelled not in TAKEN.get(name, set()) | set(body)}
    more, asked = (done(world, name, method, added, tmp_path) for added in (extra, {}))
    assert more[0] == asked[0]
    assert {table: (found, asked[1][table]) for table, found in more[1].items() if found != asked[1][table]} == {}


def test_the_comparison_sees_what_it_must(world: World, tmp_path: Path) -> None:
    before = rows(world)
    for change in (
        {"is_staff": True}, {"email": "other@example.com"}, {"date_joined": LONG_AGO}, {"clerk_id": "user_1"},
    ):  # fmt: skip
        with TakenBack():
            type(world.alice).objects.filter(pk=world.alice.pk).update(**change)
            assert rows(world) != before, change
    assert rows(world) == before
    assert POLICY["api:keys", "POST"].session is Outcome.IN
