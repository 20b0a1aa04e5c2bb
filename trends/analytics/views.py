"""The page of analytics."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kapture.web.htmx import is_htmx
from trends.analytics.pages import Page


@login_required
@require_safe
def analytics(request: HttpRequest) -> HttpResponse:
    """What was captured of a period: the whole page, or for htmx the reports."""
    template = "trends/analytics/_reports.html" if is_htmx(request) else "trends/analytics/page.html"
    return render(request, template, {"page": Page.of(request, timezone.now())})
