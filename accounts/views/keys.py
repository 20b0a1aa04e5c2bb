"""Settings, API keys: which programs may act for somebody."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.authentication import AuthenticatedRequest
from accounts.forms import KeyForm
from accounts.models import ApiKey
from accounts.services import IssuedKey, issue_key, revoke_key
from kapture.core.errors import InvalidInput

IDS = "key_%s"


def _page(
    request: AuthenticatedRequest, form: KeyForm | None = None, *, issued: IssuedKey | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "section": "keys",
        "key_form": form or KeyForm(auto_id=IDS),
        "keys": ApiKey.objects.for_user(request.user).filter(revoked_at=None).order_by("-created_at", "-id"),
        "issued": issued,
    }
    if issued is not None:
        address = request.build_absolute_uri(reverse("api:me"))
        context["curl"] = f'curl -H "Authorization: Bearer {issued.secret}" {address}'
    return render(request, "accounts/settings/keys.html", context, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: AuthenticatedRequest) -> HttpResponse:
    """The keys; a post makes one and shows its secret, this once."""
    if request.method != "POST":
        return _page(request)
    form = KeyForm(request.POST, auto_id=IDS)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        issued = issue_key(
            request.user, form.cleaned_data["name"], scope=form.cleaned_data["scope"], expires_at=form.expires_at()
        )
    except InvalidInput as error:
        form.add_error("name", error.details["name"])
        return _page(request, form, status=422)
    return _page(request, issued=issued, status=201)


@login_required
@require_POST
def delete_key(request: AuthenticatedRequest, pk: UUID) -> HttpResponse:
    """Revoke a key."""
    key = ApiKey.objects.fetch(request.user, pk)
    revoke_key(request.user, key)
    messages.success(request, f"“{key.name}” no longer works.")
    return redirect("accounts:keys")
