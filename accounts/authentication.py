"""Who calls the API: a key, or the signed-in session of the dashboard."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.authentication import SessionAuthentication as FrameworkSession
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.models import ApiKey, User
from accounts.services import PREFIX, find_key
from kapture.core.context import ActingKey, acting_key

INVALID = "The credentials are not valid."


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer kap_…`."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """The owner and the key; None when no key was sent, 401 when it is not a usable one."""
        parts = get_authorization_header(request).split()
        if not parts:
            return None
        if len(parts) != 2 or parts[0].lower() != b"bearer":
            raise AuthenticationFailed(INVALID)
        secret = parts[1].decode("latin-1")
        if not secret.startswith(PREFIX):
            return None  # Perhaps a token of Clerk, which the next class judges.
        key = find_key(secret)
        if key is None:
            raise AuthenticationFailed(INVALID)
        # Forgotten with the answer by kapture.core.middleware.ActingKeyMiddleware.
        acting_key.set(ActingKey(key.pk, key.daily_cap, key.is_dry_run))
        return key.owner, key

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return "Bearer"


class SessionAuthentication(FrameworkSession):
    """The dashboard's cookie, with its CSRF token on unsafe methods."""


class ScopePermission(BasePermission):
    """Signed in; a read-only key may not change anything."""

    message = "This key may only read."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the caller may use this method at all."""
        if not request.user.is_authenticated:
            return False
        key = request.auth
        return request.method in SAFE_METHODS or not isinstance(key, ApiKey) or key.scope == ApiKey.Scope.WRITE


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How keys appear in the schema."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "description": "An API key, `kap_…`."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the dashboard's session appears in the schema."""

    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A cookie."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class AuthenticatedRequest(HttpRequest):
    """A request behind `login_required`."""

    user: User
