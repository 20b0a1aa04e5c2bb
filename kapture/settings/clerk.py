"""Who people are when Clerk knows them; it is on when both of its keys are set."""

import base64
import binascii
import re

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.core.exceptions import ImproperlyConfigured

from kapture.settings.env import env
from kapture.settings.site import SITE

HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?", re.IGNORECASE)
LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?")


def clerk_frontend(publishable_key: str, *, local: bool) -> str:
    """Origin of the instance a publishable key names (`pk_test_` or `pk_live_`, then its host in base64 with a `$`).

    A stand-in on loopback (plain http) is believed only where `local`.
    """
    match = re.fullmatch(r"pk_(?:test|live)_([A-Za-z0-9+/]+)=*", publishable_key)
    try:
        host = base64.b64decode(match[1] + "==").decode("ascii").removesuffix("$") if match else ""
    except (binascii.Error, UnicodeDecodeError):
        host = ""
    is_local = bool(LOOPBACK.fullmatch(host))
    if not HOST.fullmatch(host) or (is_local and not local):
        raise ImproperlyConfigured("CLERK_PUBLISHABLE_KEY must be the pk_test_ or pk_live_ key of a Clerk instance.")
    return f"{'http' if is_local else 'https'}://{host}"


def clerk_portal(frontend: str) -> str:
    """Origin of the hosted sign-in pages: `clerk.example.com` has them at `accounts.example.com`."""
    old = "clerk.accounts." if "clerk.accounts." in frontend else "clerk."
    return frontend.replace(old, "accounts.", 1)


def clerk_key(pem: str) -> str:
    """The public key of session tokens, whose line ends an environment may have escaped; empty when none is set."""
    pem = pem.replace("\\n", "\n").strip()
    if not pem:
        return ""
    try:
        is_rsa = isinstance(load_pem_public_key(pem.encode()), RSAPublicKey)
    except ValueError:
        is_rsa = False
    if not is_rsa:
        raise ImproperlyConfigured("CLERK_JWT_KEY must be an RSA public key in PEM.")
    return pem


def clerk_webhook_secret(secret: str) -> str:
    """The signing secret of the webhook endpoint; empty when none is set, since an empty one would sign anything."""
    try:
        known = base64.b64decode(secret.removeprefix("whsec_") + "==", validate=True)
    except (binascii.Error, ValueError):
        known = b""
    if secret and not (secret.startswith("whsec_") and len(known) >= 16):
        raise ImproperlyConfigured("CLERK_WEBHOOK_SECRET must be the signing secret of the endpoint, whsec_….")
    return secret


CLERK_SECRET_KEY = env.str("CLERK_SECRET_KEY", default="")
CLERK_PUBLISHABLE_KEY = env.str("CLERK_PUBLISHABLE_KEY", default="")
if bool(CLERK_SECRET_KEY) != bool(CLERK_PUBLISHABLE_KEY):
    raise ImproperlyConfigured("Clerk needs CLERK_SECRET_KEY and CLERK_PUBLISHABLE_KEY, both or neither.")
# Issuer of session tokens, home of the script, and the way to the hosted pages; empty while Clerk is off.
CLERK_FRONTEND_URL = clerk_frontend(CLERK_PUBLISHABLE_KEY, local=SITE.scheme == "http") if CLERK_SECRET_KEY else ""
CLERK_PORTAL_URL = clerk_portal(CLERK_FRONTEND_URL)
CLERK_API_URL = env.str("CLERK_API_URL", default="https://api.clerk.com").rstrip("/")
CLERK_JWKS_URL = env.str("CLERK_JWKS_URL", default="") or f"{CLERK_FRONTEND_URL}/.well-known/jwks.json"
CLERK_JWT_KEY = clerk_key(env.str("CLERK_JWT_KEY", default=""))
CLERK_WEBHOOK_SECRET = clerk_webhook_secret(env.str("CLERK_WEBHOOK_SECRET", default=""))
