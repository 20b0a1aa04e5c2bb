"""Settings, profile: what people are called and how pages look."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.authentication import AuthenticatedRequest
from accounts.forms import ProfileForm
from accounts.services import change_profile

IDS = "profile_%s"


def _page(request: AuthenticatedRequest, form: ProfileForm, status: int = 200) -> HttpResponse:
    context = {"section": "profile", "profile": form}
    return render(request, "accounts/settings/profile.html", context, status=status)


@login_required
@require_safe
def settings(request: AuthenticatedRequest) -> HttpResponse:
    """Profile and appearance."""
    return _page(request, ProfileForm(instance=request.user, auto_id=IDS))


@login_required
@require_POST
def profile(request: AuthenticatedRequest) -> HttpResponse:
    """Save the profile."""
    form = ProfileForm(request.POST, instance=request.user, auto_id=IDS)
    if not form.is_valid():
        return _page(request, form, status=422)
    change_profile(request.user, name=form.cleaned_data["name"])
    messages.success(request, "Profile saved.")
    return redirect("accounts:settings")
