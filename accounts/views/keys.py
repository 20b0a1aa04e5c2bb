"""Settings, API keys: which programs may act for somebody, and within which bounds."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import snippets
from accounts.authentication import AuthenticatedRequest
from accounts.forms import ChangeKeyForm, KeyForm
from accounts.models import ApiKey
from accounts.services import IssuedKey, change_key, issue_key, revoke_key
from kapture.core.errors import InvalidInput

IDS = "key_%s"


def _page(
    request: AuthenticatedRequest,
    form: KeyForm | None = None,
    *,
    changed: ChangeKeyForm | None = None,
    issued: IssuedKey | None = None,
    status: int = 200,
) -> HttpResponse:
    keys = ApiKey.objects.for_user(request.user).filter(revoked_at=None).order_by("-created_at", "-id")
    refused = {changed.instance.pk: changed} if changed else {}
    context = {
        "section": "keys",
        "key_form": form or KeyForm(auto_id=IDS),
        "keys": [(key, refused.get(key.pk) or ChangeKeyForm(key)) for key in keys],
        "issued": issued,
    }
    if issued is not None:
        site = f"{request.scheme}://{request.get_host()}"
        context["curl"] = snippets.curl(issued.secret, site, is_dry_run=issued.key.is_dry_run)
        context["python"] = snippets.python(issued.secret, site, is_dry_run=issued.key.is_dry_run)
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
        issued = issue_key(request.user, expires_at=form.expires_at(), **form.wishes())
    except InvalidInput as error:
        form.add_error("name", error.details["name"])
        return _page(request, form, status=422)
    return _page(request, issued=issued, status=201)


@login_required
@require_POST
def change(request: AuthenticatedRequest, pk: UUID) -> HttpResponse:
    """Change the name and the daily limit of a key."""
    key = ApiKey.objects.fetch(request.user, pk)
    form = ChangeKeyForm(key, request.POST)
    if not form.is_valid():
        return _page(request, changed=form, status=422)
    changed = change_key(request.user, key, **form.cleaned_data)
    messages.success(request, f"“{changed.name}” saved.")
    return redirect("accounts:keys")


@login_required
@require_POST
def delete_key(request: AuthenticatedRequest, pk: UUID) -> HttpResponse:
    """Revoke a key."""
    key = ApiKey.objects.fetch(request.user, pk)
    revoke_key(request.user, key)
    messages.success(request, f"“{key.name}” no longer works.")
    return redirect("accounts:keys")
