"""The way back to oneself."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.impersonation import browser
from accounts.impersonation.services import STOPPED, end


@require_POST
def stop_looking(request: Any) -> HttpResponse:
    """End the look of this browser; back to the person in admin, or to the start page when there was none."""
    look = request.impersonation
    if look is None:
        response = redirect("overview")
    else:
        end(look, request.impersonator, STOPPED)
        response = redirect("admin:accounts_user_change", look.user_id)
    browser.forget(request, response)
    return response
