"""Settings, access: what can touch somebody's data, and the way to cut it off."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts import services
from accounts.authentication import AuthenticatedRequest
from accounts.events import history
from accounts.forms import Proof
from accounts.models import ApiKey, Impersonation
from accounts.sessions import end_others, end_session, open_sessions

MOST_LOOKS = 20


def _page(request: AuthenticatedRequest, form: Proof | None = None, status: int = 200) -> HttpResponse:
    user = request.user
    context: dict[str, Any] = {
        "section": "access",
        "sessions": open_sessions(user, request.session.session_key),
        "keys": ApiKey.objects.for_user(user).usable().order_by("-created_at", "-id"),
        "looks": Impersonation.objects.filter(user=user).select_related("staff")[:MOST_LOOKS],
        "history": history(user),
        "form": form or Proof(user),
    }
    return render(request, "accounts/settings/access.html", context, status=status)


@login_required
@require_safe
def access(request: AuthenticatedRequest) -> HttpResponse:
    """Browsers, keys, staff who looked, and what happened lately."""
    return _page(request)


@login_required
@require_POST
def end_one(request: AuthenticatedRequest, session: int) -> HttpResponse:
    """Sign out one browser; the present one is led to the sign-in page."""
    if end_session(request.user, session) == request.session.session_key:
        request.session.flush()
        return redirect("account_login")
    messages.success(request, "That browser is signed out.")
    return redirect("accounts:access")


@login_required
@require_POST
def end_all(request: AuthenticatedRequest) -> HttpResponse:
    """Sign out every other browser."""
    count = end_others(request.user, request.session.session_key, actor=request.user)
    messages.success(request, f"Signed out: {count} other browser{'' if count == 1 else 's'}.")
    return redirect("accounts:access")


@login_required
@require_POST
@sensitive_post_parameters("password")
def panic(request: AuthenticatedRequest) -> HttpResponse:
    """Cut everything off but this browser, for somebody who proves to be at the keyboard."""
    form = Proof(request.user, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    done = services.panic(request.user, request.session.session_key)
    messages.success(request, f"Cut off: {done}. Only this browser can touch your data now.")
    return redirect("accounts:access")
