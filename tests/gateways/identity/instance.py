"""An instance of Clerk for tests: its stand-in on loopback, and settings that lead there."""

import base64
from functools import cache
from typing import Any

from pytest_django import Settings

from kapture.core.ids import new_id
from kapture.gateways.identity.tokens import keys_at
from kapture.sandbox.clerk import ClerkStandIn, publishable_key
from kapture.sandbox.control import Control
from kapture.sandbox.server import Server

SITE = "http://testserver"
SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four b").decode()


@cache
def server() -> Server:
    """One for the whole process, since its keys take a while to make."""
    return Server(ClerkStandIn(retry_seconds=0.05)).start()


class Clerk(Control):
    """The remote control of the instance, in the words of tests."""

    def token(self, user: str = "", **wish: Any) -> str:
        """A session token for this site, changed as told."""
        named = {"user": user} if user else {}
        minted: dict[str, Any] = self.post("/_sandbox/tokens", {"azp": SITE, **named, **wish})
        return str(minted["token"])

    def mint(self, **wish: Any) -> dict[str, Any]:
        """The whole answer about a token."""
        minted: dict[str, Any] = self.post("/_sandbox/tokens", {"azp": SITE, **wish})
        return minted

    def user(self, email: str, first: str = "", last: str = "") -> dict[str, Any]:
        """A new user of the instance."""
        return self.ask("POST", "/v1/users", {"email_address": [email], "first_name": first, "last_name": last})

    def change(self, user_id: str, **fields: Any) -> dict[str, Any]:
        """A user with some fields changed."""
        return self.ask("PATCH", f"/v1/users/{user_id}", fields)

    def delete(self, user_id: str) -> None:
        """The end of a user."""
        self.ask("DELETE", f"/v1/users/{user_id}")

    def people(self) -> list[dict[str, Any]]:
        """Everybody there is."""
        found: list[dict[str, Any]] = self.get("/_sandbox/people")["users"]
        return found

    def ask(self, method: str, path: str, value: Any = None) -> Any:
        """What the backend answers whoever holds the secret key."""
        return self._request(method, f"{self.url}{path}", value, {"authorization": "Bearer sk_test_known"})


def switch_on(settings: Settings) -> Clerk:
    """Let the product use the instance, which is as new."""
    clerk = Clerk(server().url)
    clerk.reset()
    clerk.turn(secret_key="sk_test_known", webhook_secret=SECRET)
    settings.SITE_URL = SITE
    settings.CLERK_SECRET_KEY = "sk_test_known"
    settings.CLERK_PUBLISHABLE_KEY = publishable_key(clerk.url)
    settings.CLERK_FRONTEND_URL = settings.CLERK_PORTAL_URL = settings.CLERK_API_URL = clerk.url
    settings.CLERK_JWKS_URL = f"{clerk.url}/.well-known/jwks.json"
    settings.CLERK_JWT_KEY = ""
    settings.CLERK_WEBHOOK_SECRET = SECRET
    # Failures asked for by one test must not rest the vendor for the next.
    settings.REDIS_PREFIX = f"test-{new_id().hex}"
    keys_at.cache_clear()
    return clerk
