"""A board drafted from trends: the form, and the wait."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from billing.queries import usage_of
from ideaboards import queries, services
from ideaboards.forms import DraftForm
from ideaboards.models import Generation
from ideaboards.sources import chosen
from ideaboards.specs import MAX_SOURCES, WritingSpec
from ideaboards.views.editor import off
from kapture.core.choices import UsageKind
from kapture.core.errors import NotFound
from kapture.jobs.models import Job, State
from kapture.web.htmx import go, is_htmx
from kapture.web.once import once
from trends.models import Trend

OFFERED = 12


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once
def draft(request: HttpRequest) -> HttpResponse:
    """Ask what the board should be about and what it costs, then start; `trend` may be repeated in the address."""
    named = _named(request)
    offered = named or queries.pickable(request.user, OFFERED)
    choices = [(str(trend.pk), trend.headline) for trend in offered]
    posted = request.method == "POST"
    initial = {"trend": [str(trend.pk) for trend in named]}
    form = DraftForm(request.POST if posted else None, initial=initial, trends=choices)
    if posted and form.is_valid():
        job = services.request_board_draft(request.user, _spec(form.cleaned_data))
        return go(request, reverse("ideaboards:drafting", args=[job.pk]))
    context = {
        "form": form,
        "offered": offered,
        "chosen": set(form["trend"].value() or ()),
        "picked": bool(named),
        "usage": usage_of(request.user, UsageKind.AI_GENERATION, timezone.now()),
        "off": off(),
    }
    template = "ideaboards/_draft_dialog.html" if is_htmx(request) else "ideaboards/draft.html"
    return render(request, template, context, status=422 if posted else 200)


@login_required
@require_safe
def drafting(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The job of a draft while it runs; the finished board takes its place."""
    job = Job.objects.for_user(request.user).filter(pk=pk, kind=services.KIND).first()
    if job is None:
        raise NotFound
    if job.state == State.COMPLETED:
        url = reverse("ideaboards:detail", args=[job.result["boardId"]])
        return go(request, url) if is_htmx(request) else redirect(url)
    template = "ideaboards/_drafting.html" if is_htmx(request) else "ideaboards/drafting.html"
    return render(request, template, {"job": job})


def _named(request: HttpRequest) -> list[Trend]:
    """The trends of the address or of the form; ids that are none are left out."""
    values = request.POST.getlist("trend") if request.method == "POST" else request.GET.getlist("trend")
    ids = []
    for value in values[: MAX_SOURCES * 5]:
        try:
            ids.append(UUID(value))
        except ValueError:
            continue
    return chosen(request.user, ids)


def _spec(values: dict[str, Any]) -> WritingSpec:
    return WritingSpec(
        Generation.Kind.IDEABOARD,
        values["topic"],
        tuple(UUID(pk) for pk in values["trend"]),
        tone=values["tone"],
        audience=values["audience"],
        language=values["language"],
    )
