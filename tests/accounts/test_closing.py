"""The end of an account: nothing of the person remains, nothing comes back, nobody else loses anything."""

from pathlib import Path
from typing import Any

import pytest
import redis
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db.models import Model
from django.test import Client

from accounts.clerk.people import is_closed
from accounts.closing import register, tending
from accounts.closing.performing import perform_close
from accounts.closing.services import request_closing
from accounts.closing.traces import remember
from accounts.models import Closing, User
from accounts.services import issue_key
from kapture.inbox.models import WebhookEvent
from kapture.jobs import lifecycle
from kapture.jobs.models import Job
from kapture.jobs.run import Run
from tests.accounts.planting import Planter, holding, not_planted, owned, references
from tests.billing.conftest import stripe_server, till

__all__ = ["stripe_server", "till"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("till", "clerk")]
MARK, OTHER = "⟁", "⟐"


def perform(job: Job) -> None:
    """Do the work of a closing here and now."""
    claimed = lifecycle.claim(job.pk)
    assert claimed is not None
    perform_close(Run(claimed))


def close(user: User) -> Closing:
    """Close an account from beginning to end."""
    perform(request_closing(user, actor=user, reason="person"))
    closing = Closing.objects.get(user=user)
    assert (closing.step, closing.finished_at is not None) == (Closing.Step.CLOSED, True)
    return closing


def rows_of(user: User) -> dict[str, list[Any]]:
    """All rows with a reference to somebody, as they are."""
    found: dict[str, list[Any]] = {"user": list(User.objects.filter(pk=user.pk).values())}
    for model in owned():
        for field, target in references(model):
            if target is User:
                rows = model._base_manager.filter(**{field.attname: user.pk}).order_by("pk")
                found[f"{model._meta.label} {field.name}"] = list(rows.values())
    return found


def in_redis(*words: str) -> list[bytes]:
    """Keys that carry one of the words, in their name or their value."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    found = []
    for key in client.scan_iter(match=f"{settings.REDIS_PREFIX}:*"):
        value = key + (client.dump(key) or b"")
        if any(word.encode() in value for word in words):
            found.append(key)
    client.close()
    return found


def in_store(*words: str) -> list[Path]:
    """Files that carry one of the words, in their path or their content."""
    files = [path for path in Path(settings.STORAGES["default"]["OPTIONS"]["location"]).rglob("*") if path.is_file()]
    return [path for path in files if any(w in str(path) or w.encode() in path.read_bytes() for w in words)]


def test_nothing_of_a_person_remains_and_nobody_else_loses_anything(alice: User, bob: User, staff: User) -> None:
    for user, mark in ((alice, MARK), (bob, OTHER)):
        Planter(user, staff, mark).plant()
        Client().force_login(user)
        cache.set(f"overview:{user.pk}:2026", {"title": mark})
        api = Client(headers={"Authorization": f"Bearer {issue_key(user, mark).secret}"})
        assert api.get("/api/auth/user").status_code == 200
    email, clerk_id, sessions = alice.email, alice.clerk_id or "", Session.objects.count()
    assert not_planted(holding(MARK)) == [], "these columns would be overlooked"
    assert in_redis(str(alice.pk))
    assert in_store(MARK)
    others = rows_of(bob), in_redis(str(bob.pk)), in_store(OTHER), holding(OTHER)

    close(alice)

    assert holding(MARK, email, clerk_id, "alice@example.com") == set()
    assert in_redis(MARK, email, str(alice.pk)) == []
    assert in_store(MARK, str(alice.pk)) == []
    assert Session.objects.count() == sessions - 1
    assert (rows_of(bob), in_redis(str(bob.pk)), in_store(OTHER), holding(OTHER)) == others


def test_rows_of_an_owner_go_unless_a_room_says_why_they_stay(alice: User, staff: User) -> None:
    Planter(alice, staff, MARK).plant()
    close(alice)
    left: set[type[Model]] = set()
    for model in owned():
        paths = [field.name for field, target in references(model) if target is User and field.name != "staff"]
        if any(model._base_manager.filter(**{path: alice}).exists() for path in paths):
            left.add(model)
    named = {model for model in register.kept() if model not in (Closing,)}
    direct = {model for model in named if User in dict(references(model)).values() or _leads_to_user(model)}
    assert left <= direct


def _leads_to_user(model: type[Model]) -> bool:
    return any(target is User for _, target in references(model))


def test_again_and_late_nothing_changes(alice: User, staff: User) -> None:
    Planter(alice, staff, MARK).plant()
    clerk_id = alice.clerk_id or ""
    job = request_closing(alice, actor=alice, reason="person")
    assert request_closing(alice, actor=staff, reason="staff") == job
    perform(job)
    before = rows_of(alice)
    assert request_closing(alice, actor=alice, reason="person").pk == job.pk
    assert is_closed(clerk_id)
    late = Planter(alice, staff, MARK)
    late.event("clerk", clerk_id)
    tending.tend()
    assert holding(MARK, clerk_id) == set()
    assert rows_of(alice) == before


def test_apps_of_all_models_are_looked_at() -> None:
    assert {"trends", "downloads", "ideaboards", "billing", "accounts", "jobs", "objects", "audit"} <= {
        model._meta.app_label for model in owned()
    }
    assert len(owned()) > 20
    assert WebhookEvent in apps.get_models()
    assert remember
