"""Usage and plans pages."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing.models import Plan
from billing.queries import plan_of, receipts, usage
from kapture.core.paging import PageRequest, paginate


@login_required
@require_safe
def usage_page(request: HttpRequest) -> HttpResponse:
    """Meters of the running month and receipts."""
    page = paginate(receipts(request.user), ("-created_at", "-id"), PageRequest.read(request.GET))
    context = {"plan": plan_of(request.user), "kinds": usage(request.user, timezone.now()), "page": page}
    return render(request, "billing/usage.html", context)


@login_required
@require_safe
def plans_page(request: HttpRequest) -> HttpResponse:
    """The public plans side by side."""
    plans = Plan.objects.filter(is_public=True)
    return render(request, "billing/plans.html", {"plans": plans, "current": plan_of(request.user)})
