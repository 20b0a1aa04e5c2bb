"""All persons of the matrix with what they show at the door, made once for many tests; nothing of it is committed."""

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import connection
from django.template.backends.django import Template
from django.test import Client
from django.test.client import ClientHandler
from django.utils import timezone

from accounts.closing.services import request_closing
from accounts.impersonation.browser import COOKIE, KEY
from accounts.impersonation.services import start
from accounts.models import ApiKey, User
from accounts.services import issue_key, revoke_key
from billing.models import Plan, Subscription
from kapture.core.dryrun import TakenBack
from tests.architecture.persons import CLOSED, SUSPENDED, Who
from tests.seeds import seed

PASSWORD = "correct horse battery"
CLOCK_TOKEN = "the-token-of-the-clock"
AT_CLERK = "user_alice"
ISSUER = "https://clerk.matrix.test"
# What every request may leave behind: that a key or a session was seen.
SEEN = {"accounts_apikey", "django_session", "usersessions_usersession"}
WRITTEN = "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"


@dataclass(frozen=True, slots=True)
class World:
    """The owner of things, and a client for each person."""

    alice: User
    bob: User
    staff: User
    headers: Mapping[Who, str]
    cookies: Mapping[Who, Mapping[str, str]]

    def client(self, who: Who, **options: Any) -> Client:
        """A browser or program of somebody."""
        bearer = {"Authorization": f"Bearer {self.headers[who]}"} if who in self.headers else {}
        client = Client(headers=bearer, **options)
        client.handler = door(client.handler.enforce_csrf_checks)
        for name, value in self.cookies.get(who, {}).items():
            client.cookies[name] = value
        return client

    @contextmanager
    def happening(self, who: Who) -> Iterator[None]:
        """What must have happened to the owner before somebody comes; taken back afterwards."""
        with TakenBack():
            if who in (Who.TOKEN, *CLOSED):
                User.objects.filter(pk=self.alice.pk).update(clerk_id=AT_CLERK)
                self.alice.refresh_from_db()
            if who in SUSPENDED:
                User.objects.filter(pk=self.alice.pk).update(is_active=False)
            if who in CLOSED:
                request_closing(self.alice, actor=self.alice, reason="person")
            yield
        self.alice.clerk_id = None

    def in_turn(self, people: Sequence[Who]) -> Generator[Who, None, None]:
        """One after the other, each when what must have happened has, and with what they do taken back."""
        special = (SUSPENDED, CLOSED, (Who.TOKEN,))
        rest = tuple(who for who in people if not any(who in group for group in special))
        groups = ([who for who in group if who in people] for group in (rest, *special))
        for group in filter(None, groups):
            with self.happening(group[0]):
                for who in group:
                    with TakenBack():
                        yield who


@cache
def door(enforce_csrf_checks: bool) -> ClientHandler:
    """The chain of middleware that all clients go through, made once: making it costs as much as a request."""
    return ClientHandler(enforce_csrf_checks)


def make() -> World:
    """A new world in the open transaction."""
    seed()
    Plan.objects.update(requests_per_minute=1_000_000)
    alice = User.objects.create_user("alice@example.com", PASSWORD, name="Alice")
    bob = User.objects.create_user("bob@example.com", PASSWORD, name="Bob")
    carol = User.objects.create_user("carol@example.com", PASSWORD)
    Subscription.objects.create(
        user=carol, plan=Plan.objects.get(slug="studio"), stripe_id="sub_carol", status="unpaid"
    )
    idle = User.objects.create_user("idle@example.com", PASSWORD, is_staff=True)
    clerk = User.objects.create_user("clerk@example.com", PASSWORD, is_staff=True)
    clerk.user_permissions.set(Permission.objects.all())
    viewer = User.objects.create_user("viewer@example.com", PASSWORD, is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    chief = User.objects.create_superuser("chief@example.com", PASSWORD)
    look = start(chief, alice, "To see that nothing can be changed")
    return World(
        alice,
        bob,
        chief,
        headers={
            Who.CLOCK: CLOCK_TOKEN,
            Who.TOKEN: token(AT_CLERK),
            Who.CLOSED_TOKEN: token(AT_CLERK),
            **_keys(alice),
            Who.OTHER_KEY: issue_key(bob, "b").secret,
            Who.UNPAID_KEY: issue_key(carol, "c").secret,
        },
        cookies={
            **dict.fromkeys((Who.OWNER, Who.SUSPENDED, Who.CLOSED), _signed_in(alice)),
            Who.OTHER: _signed_in(bob),
            Who.UNPAID: _signed_in(carol),
            Who.STAFF: _signed_in(idle),
            Who.VIEWER: _signed_in(viewer),
            Who.CLERK: _signed_in(clerk),
            Who.SUPERUSER: _signed_in(chief),
            Who.LOOKING: {**_signed_in(chief, **{KEY: str(look.pk)}), COOKIE: "1"},
        },
    )


def _keys(alice: User) -> dict[Who, str]:
    revoked = issue_key(alice, "revoked")
    revoke_key(alice, revoked.key)
    expired = issue_key(alice, "expired")
    ApiKey.objects.filter(pk=expired.key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    writer = issue_key(alice, "writer").secret
    return {
        Who.WRITER: writer,
        Who.SUSPENDED_KEY: writer,
        Who.CLOSED_KEY: writer,
        Who.DRY: issue_key(alice, "dry", is_dry_run=True).secret,
        Who.READER: issue_key(alice, "reader", scope="read").secret,
        Who.REVOKED: revoked.secret,
        Who.EXPIRED: expired.secret,
    }


def _signed_in(user: User, **more: str) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    if more:
        session = client.session
        session.update(more)
        session.save()
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


@cache
def _signing_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def token(subject: str) -> str:
    """A session token of Clerk for a user there."""
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": subject, "sid": "sess_1", "iat": now, "nbf": now - 10, "exp": now + 3600}
    return jwt.encode(claims, _signing_key(), algorithm="RS256")


def turn_clerk_on(to: Any) -> None:
    """Let the tokens count; nobody answers at Clerk's own address."""
    if to.CLERK_SECRET_KEY:
        return  # every change of a setting makes all of them slower to read
    pem = _signing_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    to.CLERK_SECRET_KEY, to.CLERK_PUBLISHABLE_KEY, to.CLERK_JWT_KEY = "sk_test_matrix", "pk_test_matrix", pem
    to.CLERK_FRONTEND_URL, to.CLERK_API_URL = ISSUER, "http://127.0.0.1:9"


def turn_clerk_off(to: Any) -> None:
    """As in an installation with its own sign-in."""
    if to.CLERK_SECRET_KEY:
        to.CLERK_SECRET_KEY = to.CLERK_PUBLISHABLE_KEY = to.CLERK_JWT_KEY = ""


def written() -> dict[str, int]:
    """How many rows of each table this transaction wrote so far, also in parts that were taken back."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        return dict(cursor.fetchall())


@contextmanager
def undrawn() -> Iterator[None]:
    """Let pages be empty meanwhile: who may see one is decided before it is drawn, and drawing is dear."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", lambda *_, **__: "")
        yield


@contextmanager
def nothing_written(what: str, besides: frozenset[str] = frozenset()) -> Iterator[None]:
    """Fail when anything but what was seen is written meanwhile."""
    before = written()
    yield
    after = written()
    touched = {name for name, count in after.items() if count != before.get(name, 0)} - SEEN - besides
    assert not touched, f"{what} wrote {sorted(touched)}"
