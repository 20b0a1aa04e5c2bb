"""The settings page."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authentication import AuthenticatedRequest
from accounts.forms import KeyForm, ProfileForm
from accounts.models import ApiKey
from accounts.services import IssuedKey, change_profile, issue_key, revoke_key
from kapture.core.errors import InvalidInput

# Two forms on one page have a field `name` each.
PROFILE_IDS, KEY_IDS = "profile_%s", "key_%s"


def _page(
    request: AuthenticatedRequest,
    *,
    profile: ProfileForm | None = None,
    key: KeyForm | None = None,
    issued: IssuedKey | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "profile": profile or ProfileForm(instance=request.user, auto_id=PROFILE_IDS),
        "key_form": key or KeyForm(auto_id=KEY_IDS),
        "keys": ApiKey.objects.for_user(request.user).filter(revoked_at=None).order_by("-created_at", "-id"),
        "issued": issued,
    }
    if issued is not None:
        address = request.build_absolute_uri(reverse("api:me"))
        context["curl"] = f'curl -H "Authorization: Bearer {issued.secret}" {address}'
    return render(request, "accounts/settings.html", context, status=status)


@login_required
@require_safe
def settings(request: AuthenticatedRequest) -> HttpResponse:
    """Profile, appearance and keys."""
    return _page(request)


@login_required
@require_POST
def profile(request: AuthenticatedRequest) -> HttpResponse:
    """Save the profile."""
    form = ProfileForm(request.POST, instance=request.user, auto_id=PROFILE_IDS)
    if not form.is_valid():
        return _page(request, profile=form, status=422)
    change_profile(request.user, name=form.cleaned_data["name"])
    messages.success(request, "Profile saved.")
    return redirect("accounts:settings")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def create_key(request: AuthenticatedRequest) -> HttpResponse:
    """Make a key and show its secret, this once; whoever comes back later finds the settings."""
    if request.method == "GET":
        return redirect("accounts:settings")
    form = KeyForm(request.POST, auto_id=KEY_IDS)
    if not form.is_valid():
        return _page(request, key=form, status=422)
    try:
        issued = issue_key(
            request.user, form.cleaned_data["name"], scope=form.cleaned_data["scope"], expires_at=form.expires_at()
        )
    except InvalidInput as error:
        form.add_error("name", error.details["name"])
        return _page(request, key=form, status=422)
    return _page(request, issued=issued, status=201)


@login_required
@require_POST
def delete_key(request: AuthenticatedRequest, pk: UUID) -> HttpResponse:
    """Revoke a key."""
    key = ApiKey.objects.fetch(request.user, pk)
    revoke_key(request.user, key)
    messages.success(request, f"“{key.name}” no longer works.")
    return redirect("accounts:settings")
