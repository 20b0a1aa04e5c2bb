"""Programs that call the API for somebody who is signed in at Clerk."""

import logging
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.authentication import INVALID
from accounts.clerk.people import person_of
from accounts.models import User
from kapture.core.errors import Unauthorized
from kapture.gateways import identity
from kapture.gateways.identity import BadToken, Identity

logger = logging.getLogger(__name__)


class ClerkAuthentication(BaseAuthentication):
    """`Authorization: Bearer <session token>`; comes after the class for keys, and takes every other bearer."""

    def authenticate(self, request: Request) -> tuple[User, Identity] | None:
        """The user and the proof; None when no bearer was sent, 401 when it proves nothing."""
        parts = get_authorization_header(request).split()
        if not parts:
            return None
        if not identity.is_on():
            raise AuthenticationFailed(INVALID)
        try:
            proven = identity.verify(parts[-1].decode("latin-1"), cookie=False)
            return person_of(proven), proven
        except BadToken as error:
            logger.info("a bearer was refused: %s", error)
            raise AuthenticationFailed(INVALID) from error
        except Unauthorized as error:
            raise AuthenticationFailed(error.message) from error

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return "Bearer"


class ClerkScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How session tokens appear in the schema."""

    target_class = ClerkAuthentication
    name = "clerk"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token."""
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A session token of Clerk, where people sign in through it.",
        }
