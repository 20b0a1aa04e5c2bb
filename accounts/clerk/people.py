"""The people behind Clerk's users: found by their id there and never by their address, made once, closed for good."""

import hashlib
import logging
import zlib
from typing import Final

from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction

from accounts.models import ClosedIdentity, User
from kapture.audit.services import record
from kapture.core.errors import Conflict, Unauthorized
from kapture.core.locks import Lock
from kapture.gateways import identity
from kapture.gateways.identity import ClerkUser, Identity

CLOSED: Final = "This account was closed."
SUSPENDED: Final = "This account is suspended."
GONE: Final = "Clerk does not know this account any more."

logger = logging.getLogger(__name__)


def person_of(proven: Identity) -> User:
    """The user behind a proven identity, made when they are seen for the first time.

    Raises `Unauthorized` for a closed or suspended account, `Conflict` when there is none and none can be made, and
    what the gateway raises while Clerk has to be asked and cannot be.
    """
    user = User.objects.filter(clerk_id=proven.subject).first() or _admit(proven.subject)
    if not user.is_active:
        raise Unauthorized(SUSPENDED)
    return user


def _admit(subject: str) -> User:
    """A new user with what Clerk knows of them; another request or event may have been faster."""
    if is_closed(subject):
        raise Unauthorized(CLOSED)
    known = identity.user(subject)
    if known is None:
        raise Unauthorized(GONE)
    with transaction.atomic():
        alone_with(subject)
        if is_closed(subject):
            raise Unauthorized(CLOSED)
        return User.objects.filter(clerk_id=subject).first() or _create(known)


def _create(known: ClerkUser) -> User:
    """A saved user; raises `Conflict` when there is no address or somebody else has it."""
    if not known.email:
        raise Conflict("Your account at Clerk has no e-mail address. Add one there, then sign in again.")
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                known.email,
                name=known.name,
                avatar_url=known.image_url,
                clerk_id=known.id,
                clerk_updated_ms=known.updated_at,
            )
            _set_address(user, known)
    except IntegrityError as error:
        raise Conflict(
            f"There is an account with the address {known.email} already, which does not belong to your sign-in at "
            "Clerk. Sign in with its password, or use another address at Clerk."
        ) from error
    record(user, "accounts.signed_up", user, via="clerk")
    return user


def keep(known: ClerkUser) -> User | None:
    """Write what Clerk knows of a user now, in the caller's transaction; older news than what is kept change nothing.

    None for somebody whose account was closed, or who cannot have one yet (see `_create`).
    """
    alone_with(known.id)
    if is_closed(known.id):
        return None
    user = User.objects.select_for_update().filter(clerk_id=known.id).first()
    if user is None:
        try:
            return _create(known)
        except Conflict as conflict:
            logger.warning("clerk user %s has no account here: %s", known.id, conflict.message)
            return None
    if known.updated_at > user.clerk_updated_ms:
        _change(user, known)
    return user


def _change(user: User, known: ClerkUser) -> None:
    """Follow Clerk in name, picture and address, each only where Clerk has one."""
    wanted = {"name": known.name, "avatar_url": known.image_url}
    changed = {name: value for name, value in wanted.items() if value and getattr(user, name) != value}
    User.objects.filter(pk=user.pk).update(**changed, clerk_updated_ms=known.updated_at)
    names = sorted(changed)
    if known.email and known.email != user.email and _move(user, known):
        names.append("email")
    if names:
        record(None, "accounts.changed_at_clerk", user, fields=names)
    user.refresh_from_db()


def _move(user: User, known: ClerkUser) -> bool:
    """Take over a new address; False (and nothing changes) when somebody else here has it."""
    try:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(email=known.email)
            _set_address(user, known)
    except IntegrityError:
        logger.warning("the new address of clerk user %s belongs to somebody else here", known.id)
        return False
    return True


def _set_address(user: User, known: ClerkUser) -> None:
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=known.email, verified=known.email_verified, primary=True)


def refresh(user: User) -> User:
    """The user with what Clerk knows now; as they are when they do not come from Clerk or are gone there."""
    known = identity.user(user.clerk_id) if user.clerk_id else None
    if known is None:
        return user
    with transaction.atomic():
        return keep(known) or user


def digest(subject: str) -> str:
    """What is kept of a closed user's id: enough to know it again, and no more."""
    return hashlib.sha256(subject.encode()).hexdigest()


def is_closed(subject: str) -> bool:
    """Whether the account of a user at Clerk was closed here, which is for good."""
    return ClosedIdentity.objects.filter(provider=identity.SERVICE, digest=digest(subject)).exists()


def bury(subject: str) -> None:
    """Remember, in the caller's transaction, that nothing may bring this user back."""
    alone_with(subject)
    ClosedIdentity.objects.bulk_create(
        [ClosedIdentity(provider=identity.SERVICE, digest=digest(subject))], ignore_conflicts=True
    )


def alone_with(subject: str) -> None:
    """Hold the lock on a user at Clerk to the end of the transaction: an account is not made while it is closed."""
    with connection.cursor() as cursor:
        number = zlib.crc32(subject.encode()) - 2**31
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [Lock.CLERK, number])
