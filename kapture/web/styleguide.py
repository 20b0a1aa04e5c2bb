"""The page of all components, and patterns of whole pages, with sample content; only mounted when DEBUG is on."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.http import require_safe

from kapture.core.paging import Page
from kapture.web import sample_charts, samples

PAGES = ("components", "overview", "trends", "downloads", "board", "auth", "error")


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """All components (`?page=` shows one of the page patterns instead)."""
    page = request.GET.get("page", "components")
    bound = samples.SampleForm({"bad-title": "", "bad-limit": 400}, prefix="bad")
    now = timezone.now()
    context = {
        "user": samples.SampleUser(),
        "shell": samples.frame(),
        "room": {"board": "ideaboards"}.get(page, page),
        "trends": samples.trends(),
        "chart": sample_charts.views_chart(),
        "bars": sample_charts.units_chart(),
        "up": samples.wave(1, 3, 14, 0.1),
        "down": samples.wave(3, 1, 14, 0.2),
        "flow": samples.wave(4, 12, 40, 0.12),
        "form": samples.SampleForm(),
        "bad_form": bound,
        "pages": Page(range(24), 3, 24, 248, exact=True, next_cursor="more"),
        "refusal": samples.limit_refusal(),
        "sorts": [("velocity", "Velocity"), ("views", "Views"), ("newest", "Newest")],
        "periods": [("1d", "Last 24 hours"), ("7d", "Last 7 days"), ("30d", "Last 30 days")],
        "formats": [("video", "Best video"), ("audio", "Audio only")],
        "folders": [("inbox", "Inbox")],
        "counts": {"youtube": 486, "tiktok": 512, "reddit": 173, "x": 113},
        "times": {
            name: now - timedelta(minutes=minutes)
            for name, minutes in (("recent", 12), ("edited", 20), ("old", 1500), ("older", 4500))
        },
        "samples_dir": static("samples/bokeh.webp"),
    }
    return render(request, f"styleguide/{page if page in PAGES else 'components'}.html", context)
