"""Session tokens: RS256 and nothing else, signed with a key of our instance, for us, and of this minute."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

import jwt
from django.conf import settings

from kapture.core.errors import Unavailable, VendorFailed
from kapture.gateways.breaker import guarded
from kapture.gateways.identity import reading
from kapture.gateways.identity.facts import BadToken, Identity
from kapture.gateways.identity.failures import SERVICE, failure
from kapture.gateways.identity.switch import require_on
from kapture.gateways.identity.transport import ask

ALGORITHM: Final = "RS256"
REQUIRED: Final = ("exp", "iat", "nbf", "iss", "sub", "sid")
# Clocks of two machines differ a little.
LEEWAY_SECONDS: Final = 5
LONGEST_TOKEN: Final = 8_192
LONGEST_KEY_ID: Final = 200
KEYS_KEPT_SECONDS: Final = 3_600
# After a key that nobody knows the set is fetched again, but not for each forged name.
COOLDOWN_SECONDS: Final = 30
READ_SECONDS: Final = 3.0
RETRY_SECONDS: Final = 5
# What decoding may end with: the library's own errors, and Python's for numbers and depths beyond reason.
RAISED: Final = (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError, RecursionError)


class KeySet(jwt.PyJWKClient):
    """The instance's public keys, kept for an hour and fetched through the breaker."""

    def fetch_data(self) -> Any:
        """The key set as Clerk publishes it; raises `VendorFailed` or `Unavailable`."""
        payload = guarded(SERVICE, self._published)
        self._last_successful_fetch = time.monotonic()
        return payload

    def _published(self) -> dict[str, Any]:
        payload = ask("GET", self.uri, read_seconds=READ_SECONDS)
        try:
            jwt.PyJWKSet.from_dict(payload or {})
        except RAISED as error:
            raise failure("bad_output") from error
        return payload or {}


@lru_cache(maxsize=8)
def keys_at(url: str) -> KeySet:
    """The key set of an address, one for the whole process."""
    return KeySet(url, lifespan=KEYS_KEPT_SECONDS, cooldown_duration=COOLDOWN_SECONDS)


def verify(token: str, *, cookie: bool) -> Identity:
    """Who a session token proves to be; raises `BadToken` for every other text.

    A token from a cookie must name this site as the one it was made for; from a header it may name none, but no other.
    Raises `Unavailable` while the instance's keys are neither known nor to be had, or Clerk is off.
    """
    require_on()
    if not token or len(token) > LONGEST_TOKEN or not token.isascii():
        raise BadToken("no token")
    try:
        claims = jwt.decode(
            token,
            _key(token),
            algorithms=[ALGORITHM],
            issuer=settings.CLERK_FRONTEND_URL,
            leeway=LEEWAY_SECONDS,
            options={"require": list(REQUIRED), "verify_aud": False},
        )
        return _identity(claims, cookie)
    except BadToken:
        raise
    except RAISED as error:
        raise BadToken(type(error).__name__) from error


def _key(token: str) -> Any:
    """The key that must have signed a token: the one that is set, or the published one of the id in its head."""
    head = jwt.get_unverified_header(token)
    if head.get("alg") != ALGORITHM:
        raise BadToken("another algorithm")
    if settings.CLERK_JWT_KEY:
        return settings.CLERK_JWT_KEY
    key_id = head.get("kid")
    if not isinstance(key_id, str) or not 0 < len(key_id) <= LONGEST_KEY_ID:
        raise BadToken("no key id")
    try:
        return keys_at(settings.CLERK_JWKS_URL).get_signing_key(key_id).key
    except VendorFailed as error:
        raise Unavailable(
            "Clerk cannot be asked for its keys at the moment.",
            details={"service": SERVICE},
            retry_after=error.retry_after or RETRY_SECONDS,
        ) from error


def _identity(claims: Mapping[str, Any], cookie: bool) -> Identity:
    subject, session_id = reading.ident(claims["sub"]), reading.ident(claims["sid"])
    if not subject or not session_id:
        raise BadToken("no user or no session")
    if claims.get("sts", "active") != "active":
        raise BadToken("not wholly signed in")
    party = claims.get("azp")
    site = urlsplit(settings.SITE_URL)
    if party != f"{site.scheme}://{site.netloc}" and (cookie or party is not None):
        raise BadToken("made for another site")
    email = claims.get("email")
    return Identity(
        subject=subject,
        session_id=session_id,
        email=email if isinstance(email, str) and email else None,
        expires_at=datetime.fromtimestamp(int(claims["exp"]), UTC),
    )
