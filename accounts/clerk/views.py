"""The door for people who come from Clerk, and the way out for them."""

import logging
from typing import Any

from allauth.account import views as allauth
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.clerk.leaving import leave
from accounts.clerk.links import SCRIPT, cookie_names, cookies, links, wanted
from accounts.clerk.people import SUSPENDED, person_of
from accounts.clerk.sessions import open_session, session_at_clerk
from kapture.core.errors import Conflict, NotFound, Unauthorized
from kapture.gateways import identity
from kapture.gateways.identity import BadToken, Identity

ENDED = "Your session at Clerk has ended. Sign in again."
UNPROVEN = "Clerk's answer could not be verified. Sign in again."

logger = logging.getLogger(__name__)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest) -> HttpResponse:
    """Let somebody in who proves to be signed in at Clerk, by its cookie or by a token its script posted."""
    if not identity.is_on():
        raise NotFound
    if request.user.is_authenticated:
        return HttpResponseRedirect(wanted(request))
    given = [request.POST.get("token", "")] if request.method == "POST" else cookies(request)
    proven = _proof(given)
    if proven is None:
        return _page(request, UNPROVEN, 422) if request.method == "POST" else _page(request)
    try:
        return _enter(request, proven)
    except (Conflict, Unauthorized) as refusal:
        if refusal.message == SUSPENDED:
            return redirect("account_inactive")
        page = _page(request, refusal.message, 409 if isinstance(refusal, Conflict) else 403)
        # Still signed in there, the next try would come straight back to the same refusal.
        return _left(request, page, proven.session_id)


def _proof(tokens: list[str]) -> Identity | None:
    """What the first good token proves."""
    for token in tokens:
        try:
            return identity.verify(token, cookie=True)
        except BadToken as error:
            logger.info("a session token was refused: %s", error)
    return None


def _enter(request: HttpRequest, proven: Identity) -> HttpResponse:
    # A token outlives its session by up to a minute; a session of ours, opened with it, would do so by a day.
    if not identity.is_active(proven.session_id):
        raise Unauthorized(ENDED)
    open_session(request, person_of(proven), proven)
    return HttpResponseRedirect(wanted(request))


def _page(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    """The way to Clerk; its script looks whether somebody is signed in there, unless they were just refused."""
    path = wanted(request)
    context: dict[str, Any] = {"clerk": links(path), "next": path, "error": error}
    if not error:
        context |= {"script": f"{settings.CLERK_FRONTEND_URL}{SCRIPT}", "key": settings.CLERK_PUBLISHABLE_KEY}
    response = render(request, "accounts/clerk.html", context, status=status)
    if not error:
        origins = [settings.CLERK_FRONTEND_URL]
        policy = {"script-src": origins, "connect-src": origins, "worker-src": ["blob:"]}
        response._csp_update = policy  # type: ignore[attr-defined]  # the documented hook of django-csp
    return response


def _left(request: HttpRequest, response: HttpResponse, session_id: str) -> HttpResponse:
    """The response with Clerk's cookies taken back; its session ends by a job, so that nobody waits for it."""
    leave(session_id)
    for name in cookie_names(request):
        response.delete_cookie(name)
    return response


class SignOutView(allauth.LogoutView):  # type: ignore[misc]  # allauth is untyped
    """Sign out here, and at Clerk where the session came from there."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """End this session, and the one at Clerk that opened it."""
        session_id = session_at_clerk(self.request)
        response: HttpResponse = super().post(*args, **kwargs)
        return _left(self.request, response, session_id) if session_id else response
