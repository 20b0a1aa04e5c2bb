"""Session tokens: right ones for people, and any others for tests."""

import secrets
import time
from typing import Any

from kapture.sandbox.clerk.keys import CURRENT, FOREIGN, PREVIOUS, PUBLIC, Keychain
from kapture.sandbox.clerk.store import Obj
from kapture.sandbox.messages import BadRequestError

PLACES = (CURRENT, PREVIOUS, FOREIGN, PUBLIC)
WISHES = {"user", "session", "azp", "claims", "header", "key"}


def claims_of(session: Obj, issuer: str, azp: str, seconds: float) -> dict[str, Any]:
    """What Clerk says of a session in a token of its second version."""
    now = int(time.time())
    claims = {
        "azp": azp,
        "exp": now + int(seconds),
        "fva": [0, -1],
        "iat": now,
        "iss": issuer,
        "jti": secrets.token_hex(10),
        "nbf": now - 10,
        "sid": session["id"],
        "sts": "active",
        "sub": session["user_id"],
        "v": 2,
    }
    return claims if azp else {name: value for name, value in claims.items() if name != "azp"}


def minted(keys: Keychain, wish: dict[str, Any], right: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The token a test asks for, and its claims: those of a right one, changed as told (null takes one away)."""
    claims = {**right, **(wish.get("claims") or {})}
    claims = {name: value for name, value in claims.items() if value is not None}
    place = wish.get("key", CURRENT)
    if place not in PLACES:
        raise BadRequestError(f"Unknown key; one of {', '.join(PLACES)}.")
    return keys.token(claims, wish.get("header") or {}, place), claims


def check(wish: dict[str, Any]) -> None:
    """Refuse names that mean nothing, so that a typo never passes a test."""
    unknown = set(wish) - WISHES
    if unknown:
        raise BadRequestError(f"Unknown names: {', '.join(sorted(unknown))}; there are {', '.join(sorted(WISHES))}.")
