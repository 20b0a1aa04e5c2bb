"""A dry-run key gets the refusal a real request would get, or the price; nothing changes and no vendor is called."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from accounts.services import issue_key
from billing.demo import put_on_sale
from billing.models import Plan, UsagePeriod
from billing.services.customers import customer_of
from kapture.api.models import Replay
from kapture.core.choices import UsageKind
from kapture.core.dryrun import TakenBack
from kapture.core.errors import VendorFailed
from kapture.gateways import breaker
from kapture.sandbox.clerk import ClerkStandIn
from kapture.sandbox.control import Control
from kapture.sandbox.server import Server
from kapture.sandbox.stripe import StripeStandIn
from tests.api.answers import refused
from tests.architecture.asking import ROUTES, UNSAFE, address, send
from tests.architecture.persons import Who
from tests.architecture.policy import POLICY
from tests.architecture.things import THINGS
from tests.architecture.world import AT_CLERK, World
from tests.gateways.media.site import Site, running
from tests.tables import changed, fingerprints
from tests.thorough import some

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vendors")]
OPERATIONS = [
    (name, method)
    for (name, method), verdict in POLICY.items()
    if name.startswith("api:") and method in UNSAFE and verdict.needs_somebody
]
# What a request needs to come as far as the vendor, and who that is; all other operations call nobody.
CALLING = {
    ("api:sync", "POST"): "clerk",
    ("api:checkout", "POST"): "stripe",
    ("api:portal", "POST"): "stripe",
    ("api:downloads-preview", "POST"): "media",
    ("api:ai-generate", "POST"): "openai",
}
SPENDING = {
    "api:trends-scrape": ("scrape", 1),
    "api:trends-bulk-scrape": ("scrape", 2),
    "api:watch-run": ("scrape", 1),
    "api:downloads-request": ("download", 1),
    "api:downloads-bulk": ("download", 1),
    "api:download-retry": ("download", 1),
    "api:ai-generate": ("ai_generation", 1),
    "api:ai-ideaboard": ("ai_generation", 1),
}
# No key may do these, whatever it is for.
REFUSED = {("api:keys", "POST"), ("api:key", "PATCH")}


class Vendors:
    """The stand-ins, which remember what they were asked."""

    def __init__(self, site: Site, **servers: Server) -> None:
        self.site = site
        self.controls = {name: Control(server.url) for name, server in servers.items()}

    def asked(self) -> set[str]:
        """Who was asked anything since the last look."""
        found = {name for name, control in self.controls.items() if control.requests()}
        for control in self.controls.values():
            control.clear_requests()
        if self.site.hits:
            found.add("media")
            self.site.hits.clear()
        return found


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Server]]:
    with Server(StripeStandIn(deliver="manual")) as stripe, Server(ClerkStandIn(deliver=False)) as clerk:
        yield {"stripe": stripe, "clerk": clerk}


@pytest.fixture
def all_vendors(servers: dict[str, Server], writer: Server, settings: Settings) -> Iterator[Vendors]:
    """Every vendor answers."""
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = "sk_test_dry", servers["stripe"].url
    settings.CLERK_SECRET_KEY, settings.CLERK_PUBLISHABLE_KEY = "sk_test_dry", "pk_test_dry"
    settings.CLERK_API_URL = settings.CLERK_FRONTEND_URL = servers["clerk"].url
    settings.SANDBOX = frozenset({"stripe"})
    with running() as site:
        settings.EGRESS_ALLOW = frozenset({site.host})
        site.serve_html("/watch", "<p>No video here</p>")
        vendors = Vendors(site, openai=writer, **servers)
        vendors.asked()
        yield vendors


@pytest.fixture
def buyer(world: World, all_vendors: Vendors) -> Iterator[User]:
    """The owner as somebody who bought something, and who signs in through Clerk."""
    with TakenBack():
        put_on_sale()
        customer_of(world.alice)
        User.objects.filter(pk=world.alice.pk).update(clerk_id=AT_CLERK)
        all_vendors.asked()
        yield world.alice


def body_of(name: str, method: str, vendors: Vendors) -> dict[str, Any]:
    match name:
        case "api:checkout":
            return {"planId": str(Plan.objects.get(slug="creator").pk)}
        case "api:downloads-preview":
            return {"url": vendors.site.url("/watch")}
    return dict(POLICY[name, method].body)


def test_the_table_names_operations_that_exist() -> None:
    assert set(CALLING) | REFUSED <= set(OPERATIONS)
    assert set(SPENDING) <= {name for name, _ in OPERATIONS}


@pytest.mark.parametrize(("name", "method"), some(OPERATIONS), ids=lambda value: str(value))
def test_it_is_answered_as_a_real_request_and_leaves_nothing(
    name: str, method: str, world: World, all_vendors: Vendors, buyer: User, tmp_path: Path
) -> None:
    route, verdict = ROUTES[name], POLICY[name, method]
    with TakenBack():
        path = address(route, verdict, THINGS[verdict.of](buyer, tmp_path) if verdict.of else {})
        body = body_of(name, method, all_vendors)
        # Notes that the key was used, which stays.
        assert world.client(Who.DRY).get("/api/auth/user").status_code == 200
        before, callbacks = fingerprints(), len(connection.run_on_commit)

        dry = send(world.client(Who.DRY), method, path, route, body, **{"Idempotency-Key": "dry"})

        assert changed(before) == set()
        assert len(connection.run_on_commit) == callbacks
        assert all_vendors.asked() == set()
        assert mail.outbox == []
        real = send(world.client(Who.WRITER), method, path, route, body)
        assert all_vendors.asked() == {CALLING.get((name, method), "nobody")} - {"nobody"}
    if (name, method) in REFUSED:
        refused(dry, 403, "FORBIDDEN")
        assert dry.content == real.content
        return
    assert 200 <= real.status_code < 300, real.content
    meta = {"dryRun": True}
    if name in SPENDING:
        kind, units = SPENDING[name]
        limit = Plan.objects.get(is_default=True).limit(UsageKind(kind))
        meta["usage"] = {"type": kind, "current": units, "limit": limit, "remaining": limit - units, "requested": units}
    assert dry.status_code == 200
    assert dry.json() == {"success": True, "data": None, "error": None, "meta": meta}


def ask(world: World, path: str, body: Any, **headers: str) -> Any:
    return world.client(Who.DRY).post(path, body, "application/json", headers=headers)


def test_the_stream_of_a_text_is_not_begun(world: World, all_vendors: Vendors, buyer: User) -> None:
    answer = ask(world, "/api/ai/generate", {"type": "hook", "prompt": "kites"}, Accept="text/event-stream")
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["meta"]["usage"]["requested"] == 1
    assert all_vendors.asked() == set()


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/api/trends/scrape", {"platform": "youtube"}, 400, "VALIDATION_ERROR"),
        ("/api/trends/scrape", {"platform": "youtube", "keywords": ["kites"], "other": 1}, 400, "VALIDATION_ERROR"),
        ("/api/downloads/request", {"url": "http://127.0.0.1/"}, 400, "VALIDATION_ERROR"),
        ("/api/downloads/00000000-0000-7000-8000-000000000000/retry", {}, 404, "NOT_FOUND"),
        ("/api/nothing", {}, 404, "NOT_FOUND"),
        ("/api/auth/user", {}, 405, "METHOD_NOT_ALLOWED"),
        ("/api/billing/checkout", {"planId": "00000000-0000-7000-8000-000000000000"}, 400, "VALIDATION_ERROR"),
    ],
)
def test_a_refusal_is_the_real_one(
    path: str, body: Any, status: int, code: str, world: World, all_vendors: Vendors, buyer: User
) -> None:
    same = {"X-Request-Id": "the-same-request"}
    dry = ask(world, path, body, **same)
    real = world.client(Who.WRITER).post(path, body, "application/json", headers=same)
    refused(dry, status, code)
    assert (dry.content, dict(dry.items())) == (real.content, dict(real.items()))


def test_it_is_refused_at_the_limit_and_by_the_cap_of_the_key(world: World, all_vendors: Vendors, buyer: User) -> None:
    body = {"platforms": ["youtube", "reddit"], "keywords": ["kites"]}
    with TakenBack():
        Plan.objects.filter(is_default=True).update(scrapes=1)
        error = refused(ask(world, "/api/trends/bulk-scrape", body), 403, "USAGE_EXCEEDED")
        assert (error["details"]["limit"], error["details"]["requested"]) == (1, 2)
    with TakenBack():
        capped = issue_key(buyer, "capped", daily_cap=1, is_dry_run=True).secret
        client = Client(headers={"Authorization": f"Bearer {capped}"})
        error = refused(client.post("/api/trends/bulk-scrape", body, "application/json"), 403, "USAGE_EXCEEDED")
        assert (error["details"]["limit"], error["details"]["requested"]) == (1, 2)
    assert not UsagePeriod.objects.filter(user=buyer).exists()


def test_a_vendor_that_rests_is_told(world: World, all_vendors: Vendors, buyer: User) -> None:
    def fail() -> None:
        raise VendorFailed("openai", "vendor_down", "Down.", retryable=True)

    for _ in range(breaker.FAILURES):
        with pytest.raises(VendorFailed):
            breaker.guarded("openai", fail)
    dry = ask(world, "/api/ai/generate", {"type": "hook", "prompt": "kites"})
    refused(dry, 503, "SERVICE_UNAVAILABLE")
    assert int(dry["Retry-After"]) > 0


def test_a_key_for_replays_is_not_taken(world: World, all_vendors: Vendors, buyer: User) -> None:
    body = {"platform": "youtube", "keywords": ["kites"]}
    again = {"Idempotency-Key": "mine"}
    assert ask(world, "/api/trends/scrape", body, **again).json()["meta"]["dryRun"] is True
    assert not Replay.objects.exists()
    real = world.client(Who.WRITER).post("/api/trends/scrape", body, "application/json", headers=again)
    assert real.status_code == 202
    assert "Idempotent-Replayed" not in real
