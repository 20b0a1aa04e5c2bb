"""Pages of jobs: the live map, the card, cancel and retry."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from kapture.jobs import services
from kapture.jobs.models import Job
from kapture.jobs.queries import live_map
from kapture.web.once import once
from kapture.web.redirects import back


@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """What moves on the page, as one small map; 204 when nothing moved since the revision the page knows."""
    if not request.user.is_authenticated:
        return HttpResponse(status=204)
    now = live_map(request.user)
    if not now.active and request.GET.get("rev") == now.revision:
        return HttpResponse(status=204)
    return JsonResponse({"rev": now.revision, "active": now.active, "v": now.values})


@login_required
@require_GET
def card(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The card of one job."""
    return render(request, "jobs/_card.html", {"job": Job.objects.fetch(request.user, pk)})


@login_required
@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask a job to stop; answers its card to htmx and goes back to the page otherwise."""
    job = services.cancel(Job.objects.fetch(request.user, pk), request.user)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "jobs/_card.html", {"job": job})
    return redirect(back(request))


@login_required
@require_POST
@once
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for the same again."""
    job = services.retry(Job.objects.fetch(request.user, pk), request.user)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "jobs/_card.html", {"job": job})
    return redirect(back(request))
