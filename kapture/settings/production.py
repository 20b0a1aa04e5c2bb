"""Settings of an instance that faces the internet: nothing may be left to a default that is only safe at home."""

from django.core.exceptions import ImproperlyConfigured

from kapture.settings.base import *
from kapture.settings.base import SITE_URL
from kapture.settings.env import env

SECRET_KEY = env.str("SECRET_KEY", default="")
if len(SECRET_KEY) < 50 or "example" in SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY must be set to a random text of 50 characters or more.")
if not SITE_URL.startswith("https://"):
    raise ImproperlyConfigured("SITE_URL must be the https:// address of this instance.")
if not env.str("EMAIL_URL", default=""):
    raise ImproperlyConfigured("EMAIL_URL must name a mail server: people confirm their address by e-mail.")

DEBUG = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^api/health$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.int("TRUSTED_PROXIES", default=0) else None
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
