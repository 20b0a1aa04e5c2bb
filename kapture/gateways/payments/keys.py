"""What is set for Stripe, and which of its two worlds (test or live) the key belongs to."""

from django.conf import settings

from kapture.core.errors import Unavailable
from kapture.gateways.payments.failures import SERVICE

LIVE = ("sk_live_", "rk_live_", "sk_org_live_")


def require_on() -> None:
    """Raise `Unavailable` naming the setting while no key is set."""
    if not settings.STRIPE_SECRET_KEY:
        raise _off("STRIPE_SECRET_KEY", "a secret key of your Stripe account")


def webhook_secret() -> str:
    """The secret that signs webhooks; raises `Unavailable` while it is empty, since an empty one signs anything."""
    secret = str(settings.STRIPE_WEBHOOK_SECRET).strip()
    if not secret:
        raise _off("STRIPE_WEBHOOK_SECRET", "the signing secret of the webhook endpoint")
    return secret


def is_live() -> bool:
    """Whether the key moves real money; every other key is of Stripe's test world."""
    require_on()
    return str(settings.STRIPE_SECRET_KEY).startswith(LIVE)


def _off(name: str, meaning: str) -> Unavailable:
    return Unavailable(
        f"Payments are switched off: set {name} to {meaning}.", details={"service": SERVICE, "setting": name}
    )
