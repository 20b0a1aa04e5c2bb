"""The plans page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing.frame import next_look, share
from billing.membership import membership
from billing.offers import offers
from kapture.web.redirects import safe_path


@login_required
@require_safe
def plans_page(request: HttpRequest) -> HttpResponse:
    """Plans side by side with the one that fits, top-ups, and the ways to pay for them."""
    member = membership(request.user)
    share(request, member.plan)
    context = {
        "member": member,
        "offers": offers(request.user, member, timezone.now()),
        "look": next_look(request),
        "next": _came_from(request),
    }
    return render(request, "billing/plans.html", context)


def _came_from(request: HttpRequest) -> str:
    """The page to go back to after paying: the one that sent people here, unless it is one of these."""
    path = safe_path(request, request.GET.get("next") or request.headers.get("Referer", ""), "")
    return "" if path.startswith("/usage/") else path
