"""What must always hold of accounts that were closed (numbers as in docs/invariants.md)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.utils import timezone

from accounts.closing.register import kept
from accounts.models import Closing, User
from kapture.core.oracle import holds, holds_by

MOST = 100
# Sessions live for two weeks, so nobody who left before that can have one.
SESSIONS_LIVE = timedelta(days=30)


def owners(model: type[Model]) -> Iterator[str]:
    """The columns by which rows of a model belong to a user."""
    for field in model._meta.concrete_fields:
        if field.remote_field and field.remote_field.model is User:
            yield field.name


def belongings() -> Iterator[str]:
    """Rows of people whose account was closed, of every model that no room has named to stay."""
    stays = kept()
    for model in apps.get_models(include_auto_created=True):
        for name in owners(model) if model not in stays else ():
            rows: Any = model._base_manager.filter(**{f"{name}__closing__step": Closing.Step.CLOSED})
            yield from (f"{model._meta.label_lower} {pk}" for pk in rows.values_list("pk", flat=True)[:MOST])


def sessions() -> Iterator[str]:
    """Keys of sessions that would let somebody in whose account is being closed or was."""
    recent = Closing.objects.filter(created_at__gt=timezone.now() - SESSIONS_LIVE)
    gone = {str(pk) for pk in recent.values_list("user_id", flat=True)}
    if not gone:
        return
    store = SessionStore()
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator(chunk_size=1000):
        if store.decode(session.session_data).get(SESSION_KEY) in gone:
            yield str(session.pk)[:8]


holds_by(
    "I18 a closed account owns nothing",
    "Whose account was closed has no file, key, job or other row but those of the ledger and the logs.",
    belongings,
)
holds_by(
    "I18 a closing account lets nobody in", "Nobody is signed in to an account that is closed or closing.", sessions
)
holds(
    "I18 a closing account does nothing",
    "An account that is closed or closing is locked and has no key that works; a closed one has no name.",
    """
    SELECT c.id FROM accounts_closing c JOIN accounts_user u ON u.id = c.user_id
    WHERE u.is_active
       OR EXISTS (SELECT 1 FROM accounts_apikey k WHERE k.owner_id = u.id AND k.revoked_at IS NULL)
       OR (c.step <> 'locked' AND EXISTS (
             SELECT 1 FROM jobs_job j WHERE j.owner_id = u.id AND j.state IN ('queued', 'running')))
       OR (c.step = 'closed') <> (c.finished_at IS NOT NULL)
       OR (c.step = 'closed' AND (u.email <> 'closed-' || u.id || '@closed.invalid'
             OR u.name <> '' OR u.avatar_url <> '' OR u.clerk_id IS NOT NULL OR u.is_staff OR u.is_superuser))
    """,
)
holds(
    "I18 a closing ends",
    "What is left of an account that was closed an hour ago is nothing; a vendor who is away is the one reason.",
    "SELECT id FROM accounts_closing WHERE finished_at IS NULL AND created_at < now() - interval '1 hour'",
)
