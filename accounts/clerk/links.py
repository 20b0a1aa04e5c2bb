"""The ways to Clerk's hosted pages and back."""

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from kapture.gateways.identity import is_on
from kapture.web.redirects import safe_path

# The major version the page is written for; Clerk serves its latest release.
SCRIPT = "/npm/@clerk/clerk-js@6/dist/clerk.browser.js"
COOKIE = "__session"


@dataclass(frozen=True, slots=True)
class Links:
    """Where to sign in and up at Clerk, each coming back to the door, which then leads to `next`."""

    sign_in: str
    sign_up: str
    door: str


def links(next_path: str) -> Links:
    """The hosted pages, for somebody who wants to go to a path of this site afterwards."""
    door = f"{settings.SITE_URL}{reverse('accounts:clerk')}"
    if next_path not in ("", "/"):
        door = f"{door}?{urlencode({'next': next_path})}"
    query = urlencode({"redirect_url": door})
    portal = settings.CLERK_PORTAL_URL
    return Links(f"{portal}/sign-in?{query}", f"{portal}/sign-up?{query}", door)


def offered(request: HttpRequest) -> Links | None:
    """What the pages of the entrance offer; None while Clerk is off."""
    return links(wanted(request)) if is_on() else None


def wanted(request: HttpRequest) -> str:
    """The path of this site somebody wants to go to."""
    return safe_path(request, request.POST.get("next") or request.GET.get("next", "/"))


def cookies(request: HttpRequest) -> list[str]:
    """The tokens Clerk's script left in cookies: of this instance first, then of any (several may share a host)."""
    hashed = hashlib.sha1(settings.CLERK_PUBLISHABLE_KEY.encode(), usedforsecurity=False).digest()
    suffix = base64.urlsafe_b64encode(hashed).decode()[:8]
    names = (f"{COOKIE}_{suffix}", COOKIE)
    return [request.COOKIES[name] for name in names if request.COOKIES.get(name)]


def cookie_names(request: HttpRequest) -> list[str]:
    """All cookies of that kind, to be forgotten when somebody leaves."""
    return [name for name in request.COOKIES if name == COOKIE or name.startswith(f"{COOKIE}_")]
