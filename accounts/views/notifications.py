"""What somebody was told, and what of it goes out by e-mail."""

from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authentication import AuthenticatedRequest
from accounts.forms import MailsForm
from accounts.models import Notification
from accounts.notifications import choose_mails, icon_of, open_one, read_all
from kapture.core.paging import PageRequest, paginate
from kapture.web.redirects import safe_path


@login_required
@require_safe
def listing(request: AuthenticatedRequest) -> HttpResponse:
    """Everything somebody was told, newest first."""
    rows = Notification.objects.for_user(request.user)
    page = paginate(rows, ("-created_at", "-id"), PageRequest.read(request.GET))
    context = {
        "room": "notifications",
        "page": page,
        "notes": [(row, icon_of(row.kind)) for row in page.rows],
        "now": timezone.now(),
    }
    return render(request, "accounts/notifications.html", context)


@login_required
@never_cache
@require_safe
def follow(request: AuthenticatedRequest, pk: UUID) -> HttpResponse:
    """Open one: it counts as read, and leads where it says."""
    row = open_one(request.user, pk)
    everything = reverse("accounts:notification-list")
    return redirect(safe_path(request, row.path, everything) if row.path else everything)


@login_required
@require_POST
def read(request: AuthenticatedRequest) -> HttpResponse:
    """Count all that the page showed as read; what came since stays new."""
    read_all(request.user, _moment(request.POST.get("until", "")))
    return redirect("accounts:notification-list")


def _moment(text: str) -> datetime:
    """A moment with its zone; now for anything else."""
    try:
        found = parse_datetime(text)
        # At the ends of the calendar a moment has no counterpart in UTC.
        return found.astimezone(UTC) if found is not None and found.tzinfo is not None else timezone.now()
    except (ValueError, OverflowError):
        return timezone.now()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: AuthenticatedRequest) -> HttpResponse:
    """Settings, notifications: what is sent by e-mail."""
    form = MailsForm(request.POST if request.method == "POST" else None, instance=request.user)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/settings/notifications.html", {"section": "notifications", "form": form})
    wanted = form.cleaned_data
    choose_mails(request.user, usage=wanted["mails_usage"], account=wanted["mails_account"])
    messages.success(request, "Saved.")
    return redirect("accounts:notifications")
