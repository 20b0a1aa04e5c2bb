"""Whether Clerk is on."""

from django.conf import settings

from kapture.core.errors import Unavailable
from kapture.gateways.identity.failures import SERVICE


def is_on() -> bool:
    """Whether people sign in through Clerk here."""
    return bool(settings.CLERK_SECRET_KEY)


def require_on() -> None:
    """Raise `Unavailable` naming the setting while Clerk is off."""
    if not is_on():
        raise off("CLERK_SECRET_KEY", "the secret key of your Clerk instance")


def off(name: str, meaning: str) -> Unavailable:
    """What is missing, and what to set."""
    return Unavailable(
        f"Clerk is switched off: set {name} to {meaning}.", details={"service": SERVICE, "setting": name}
    )
