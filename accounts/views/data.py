"""Settings, your data: take all of it away, or end the account."""

from typing import Any
from uuid import UUID

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.authentication import AuthenticatedRequest
from accounts.clerk.links import cookie_names
from accounts.closing.register import warnings
from accounts.closing.services import Reason, request_closing
from accounts.exporting.queries import exports_of, latest
from accounts.exporting.services import export_link, request_export, wait_for_next
from accounts.forms import Proof
from accounts.models import DataExport
from kapture.core.errors import Conflict, Forbidden
from kapture.jobs.models import Job
from kapture.web.htmx import is_htmx
from kapture.web.once import once

LOOKING = "Staff who look as somebody cannot take their data away."


def _page(request: AuthenticatedRequest, form: Proof | None = None, status: int = 200) -> HttpResponse:
    user = request.user
    context: dict[str, Any] = {"section": "data", "export": latest(user), "wait": wait_for_next(user)}
    if is_htmx(request):
        return render(request, "accounts/settings/_export.html", context)
    is_staff = user.is_staff or user.is_superuser
    context |= {
        "is_staff": is_staff,
        "form": None if is_staff else form or Proof(user),
        "warnings": warnings(user),
        "working": Job.objects.for_user(user).active().count(),
    }
    return render(request, "accounts/settings/data.html", context, status=status)


@login_required
@require_safe
def data(request: AuthenticatedRequest) -> HttpResponse:
    """The latest export and how to end the account; the export alone for htmx, while it is being made."""
    return _page(request)


@login_required
@require_POST
@once
def begin_export(request: AuthenticatedRequest) -> HttpResponse:
    """Have an export made."""
    request_export(request.user)
    return redirect("accounts:data")


@login_required
@require_safe
def export_file(request: AuthenticatedRequest, pk: UUID) -> HttpResponse:
    """Lead to the file of an export, by an address that is good for minutes."""
    if getattr(request, "impersonation", None) is not None:
        raise Forbidden(LOOKING)
    export: DataExport = exports_of(request.user).fetch(request.user, pk)
    return HttpResponseRedirect(export_link(export))


@login_required
@require_POST
@sensitive_post_parameters("password")
def close(request: AuthenticatedRequest) -> HttpResponse:
    """End the account of somebody who proves to be at the keyboard, and say goodbye."""
    form = Proof(request.user, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        request_closing(request.user, actor=request.user, reason=Reason.PERSON)
    except Conflict as refusal:
        form.add_error(None, refusal.message)
        return _page(request, form, status=422)
    logout(request)
    response = redirect("accounts:goodbye")
    for name in cookie_names(request):
        response.delete_cookie(name)
    return response


@require_safe
def goodbye(request: HttpRequest) -> HttpResponse:
    """What happens after the end of an account; a plain page for whoever comes."""
    return render(request, "accounts/goodbye.html")
