"""The only writers of policies."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import IntegrityError, transaction

from downloads.choices import Format
from downloads.models import Policy
from downloads.specs import Wish
from kapture.audit.services import record
from kapture.core.choices import Platform
from kapture.core.errors import Conflict, InvalidInput, NotFound
from kapture.jobs.lanes import Lane

MOST = 100
HOST = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class PolicySpec:
    """A policy as somebody wants it; `host` is a platform, a host, any link of it, or empty for the account's default.

    Raises `InvalidInput` for another host, for a format of another kind, and where nothing is decided.
    """

    host: str = ""
    wish: Wish | None = None
    subtitles: bool | None = None
    lane: Lane | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "host", host_of(self.host))
        if self.lane == Lane.NOW:
            raise InvalidInput({"lane": ["Only single downloads can be put before others."]})
        if self.wish is None and self.subtitles is None and self.lane is None:
            raise InvalidInput({"kind": ["Choose at least one thing that this decides."]})


def host_of(text: str) -> str:
    """The host or platform somebody means; empty for empty. Raises `InvalidInput` for anything else."""
    plain = text.strip().lower()
    if not plain or plain in Platform.values:
        return plain
    try:
        host = (urlsplit(plain if "//" in plain else f"//{plain}").hostname or "").rstrip(".").removeprefix("www.")
        host = host.encode("idna").decode("ascii")
    except ValueError:
        host = ""
    if not HOST.fullmatch(host):
        raise InvalidInput({"host": ["Name a host such as vimeo.com, or youtube, tiktok, reddit or x."]})
    return host


def create_policy(user: Any, spec: PolicySpec) -> Policy:
    """Add a layer; raises `Conflict` where there is one for that host, or too many."""
    with transaction.atomic():
        if Policy.objects.for_user(user).count() >= MOST:
            raise Conflict(f"At most {MOST} rules. Delete one that is not needed.")
        policy = _fill(Policy(owner=user), spec)
        _write(policy)
        record(user, "downloads.policy_created", policy, host=policy.host)
    return policy


def change_policy(user: Any, pk: UUID, decide: Callable[[Policy], PolicySpec]) -> Policy:
    """Let a layer say what is decided when it is seen, while nobody else changes it.

    Raises `Conflict` where there is another for that host, and `NotFound` where it is gone.
    """
    with transaction.atomic():
        policy: Policy | None = Policy.objects.for_user(user).select_for_update().filter(pk=pk).first()
        if policy is None:
            raise NotFound
        _write(_fill(policy, decide(policy)))
        record(user, "downloads.policy_changed", policy, host=policy.host)
    return policy


def delete_policy(user: Any, policy: Policy) -> None:
    """Remove a layer; downloads that were asked for stay as they are."""
    with transaction.atomic():
        record(user, "downloads.policy_deleted", policy, host=policy.host)
        policy.delete()


def set_default(user: Any, spec: PolicySpec) -> Policy:
    """Write the account's own layer, whether there is one or not."""
    found = Policy.objects.for_user(user).filter(host="").first()
    return change_policy(user, found.pk, lambda _: spec) if found else create_policy(user, spec)


def _fill(policy: Policy, spec: PolicySpec) -> Policy:
    policy.host, policy.subtitles, policy.lane = spec.host, spec.subtitles, spec.lane
    policy.kind = spec.wish.kind if spec.wish else ""
    policy.quality = spec.wish.quality if spec.wish else ""
    policy.convert_to = spec.wish.convert_to if spec.wish else Format.KEEP
    return policy


def _write(policy: Policy) -> None:
    try:
        with transaction.atomic():
            policy.save()
    except IntegrityError as error:
        if "one_policy_a_host" not in str(error):
            raise
        raise Conflict("There is a rule for this host already. Change that one.") from error
