"""Settings, sign-in: address, password, and the end of this session."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.authentication import AuthenticatedRequest


@login_required
@require_safe
def sign_in(request: AuthenticatedRequest) -> HttpResponse:
    """How somebody gets in."""
    return render(request, "accounts/settings/sign_in.html", {"section": "sign-in"})
