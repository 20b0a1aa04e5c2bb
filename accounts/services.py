"""What can be done to accounts and keys."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.notifications import notify
from accounts.sessions import end_others
from kapture.audit.services import record
from kapture.core.errors import InvalidInput, NotFound

PREFIX = "kap_"
TOUCH_EVERY = timedelta(minutes=1)
MOST_KEYS = 25
MOST_A_DAY = 1_000_000
DEMO_EMAIL = "demo@kapture.local"


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its secret, which exists nowhere else from now on."""

    key: ApiKey
    secret: str


def digest(secret: str) -> str:
    """What is stored of a secret: SHA-256 is enough, because the secret itself holds 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def issue_key(
    user: User,
    name: str,
    *,
    scope: str = ApiKey.Scope.WRITE,
    expires_at: datetime | None = None,
    daily_cap: int | None = None,
    is_dry_run: bool = False,
) -> IssuedKey:
    """Make a key for a user; raises `InvalidInput` when there are too many or the expiry is past.

    `daily_cap` is in units a UTC day; what a dry-run key asks for is checked and priced and never done.
    """
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidInput({"expiresAt": ["The expiry must lie in the future."]})
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        # One after the other, so that two requests cannot both take the last place.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
        if ApiKey.objects.for_user(user).usable().count() >= MOST_KEYS:
            raise InvalidInput({"name": [f"You have {MOST_KEYS} keys. Revoke one first."]})
        key = ApiKey.objects.create(
            owner=user,
            name=name.strip() or "Key",
            prefix=secret[len(PREFIX) : len(PREFIX) + 8],
            digest=digest(secret),
            scope=scope,
            expires_at=expires_at,
            daily_cap=daily_cap,
            is_dry_run=is_dry_run,
        )
        record(user, "accounts.key_issued", key, scope=scope, daily_cap=daily_cap, is_dry_run=is_dry_run)
    return IssuedKey(key, secret)


def change_key(actor: Any, key: ApiKey, **changes: Any) -> ApiKey:
    """Change the name or the daily cap of a key that works; raises `NotFound` when it was revoked meanwhile."""
    if not changes:
        return key
    if "name" in changes:
        changes["name"] = changes["name"].strip() or "Key"
    with transaction.atomic():
        if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(**changes, updated_at=timezone.now()):
            raise NotFound
        record(actor, "accounts.key_changed", key, fields=sorted(changes), daily_cap=changes.get("daily_cap"))
    key.refresh_from_db()
    return key


def revoke_key(actor: Any, key: ApiKey) -> None:
    """End a key at once."""
    with transaction.atomic():
        if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()):
            record(actor, "accounts.key_revoked", key)


def find_key(secret: str) -> ApiKey | None:
    """The usable key of a secret with its owner, noting (once a minute) that it was used."""
    key: ApiKey | None = ApiKey.objects.usable().select_related("owner").filter(digest=digest(secret)).first()
    if key is None or not key.owner.is_active:
        return None
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at > TOUCH_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def demo_user() -> User | None:
    """The person whose sample work anybody may look at on an instance with stand-ins; None until it is seeded."""
    return User.objects.filter(email=DEMO_EMAIL, is_active=True).first()


def trust_address(user: User) -> None:
    """Let the address a trusted hand (staff, Clerk) gave a user count as confirmed, and be the only one."""
    email = user.email.lower()
    with transaction.atomic():
        EmailAddress.objects.filter(user=user).exclude(email=email).delete()
        EmailAddress.objects.update_or_create(user=user, email=email, defaults={"verified": True, "primary": True})


def welcome(user: User, name: str) -> None:
    """Keep the name somebody gave when signing up and put the beginning on record."""
    with transaction.atomic():
        if name:
            user.name = name
            user.save(update_fields=["name"])
        record(user, "accounts.signed_up", user)


def change_profile(user: User, **fields: str) -> User:
    """Change the name or avatar of a user."""
    with transaction.atomic():
        for name, value in fields.items():
            setattr(user, name, value)
        user.save(update_fields=[*fields])
        record(user, "accounts.profile_changed", user, fields=sorted(fields))
    return user


@dataclass(frozen=True, slots=True)
class CutOff:
    """What a panic ended."""

    keys: int
    sessions: int

    def __str__(self) -> str:
        keys = f"{self.keys} API key{'' if self.keys == 1 else 's'}"
        return f"{keys} and {self.sessions} other browser{'' if self.sessions == 1 else 's'}"


def panic(user: User, keep_session_key: str | None) -> CutOff:
    """Cut off whatever acts for somebody but the browser to keep: every key and every other session, at once.

    Work that runs, the plan and the data stay as they are.
    """
    with transaction.atomic():
        # A key that is just being made is waited for, and revoked with the others.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
        keys = ApiKey.objects.for_user(user).usable().update(revoked_at=timezone.now())
        done = CutOff(keys, end_others(user, keep_session_key, actor=user))
        record(user, "accounts.panicked", user, keys=done.keys, sessions=done.sessions)
        body = f"{done} lost their access. A program that is to go on needs a new key."
        notify(user, "accounts.security", "Everything was cut off from your account", body=body, mail=True)
    return done
