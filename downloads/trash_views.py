"""Pages of the trash: what is deleted goes there, comes back from there, and goes for good."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from downloads.choices import State
from downloads.models import Download
from downloads.queries import download_of
from downloads.trash import KEPT, delete_for_good, empty_own, in_trash, restore_download, trash_download, trash_totals
from kapture.core.errors import NotFound
from kapture.core.paging import PageRequest, paginate
from kapture.web.htmx import Undo, go, is_htmx, rows_changed, toast
from kapture.web.redirects import back

ROWS = 20
ORDERING = ("-trashed_at", "-id")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask (GET), and put a download that ended into the trash (POST), with the way to undo it."""
    download = download_of(request.user, pk)
    if request.method != "POST":
        template = "downloads/_delete.html" if is_htmx(request) else "downloads/delete.html"
        return render(request, template, {"download": download})
    trash_download(request.user, download)
    undo = Undo(reverse("downloads:restore", args=[pk]))
    return toast(request, _left(request, download), "Moved to the trash.", undo=undo)


def _left(request: HttpRequest, download: Download) -> HttpResponse:
    """Away from the page of what is not there any more; a list just fetches itself again."""
    tab = "completed" if download.state == State.COMPLETED else "failed"
    here = request.headers.get("HX-Current-URL", "")
    if not is_htmx(request) or reverse("downloads:detail", args=[download.pk]) in here:
        return go(request, f"{reverse('downloads:list')}?tab={tab}")
    return _follow()


def _follow() -> HttpResponse:
    """Close the dialog, if one is open, and let lists fetch themselves again."""
    response: HttpResponse = rows_changed(HttpResponse(status=204))
    return trigger_client_event(response, "close-modal", {})


@login_required
@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    """What is in the trash, what was deleted last first."""
    count, size = trash_totals(request.user)
    part = paginate(in_trash(request.user), ORDERING, PageRequest.read(request.GET, ROWS), (count, True))
    template = "downloads/_trash.html" if is_htmx(request) else "downloads/trash.html"
    rows = [(download, download.trashed_at + KEPT) for download in part.rows]
    return render(request, template, {"part": part, "rows": rows, "count": count, "size": size})


@login_required
@require_POST
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a download out of the trash, from there or from the message that told of it."""
    restore_download(request.user, pk)
    return _done(request, "Download restored.")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask (GET), and delete a download in the trash for good (POST)."""
    if request.method == "POST":
        delete_for_good(request.user, pk)
        return _done(request, "Deleted for good.")
    download = in_trash(request.user).filter(pk=pk).first()
    if download is None:
        raise NotFound
    template = "downloads/_erase.html" if is_htmx(request) else "downloads/erase.html"
    return render(request, template, {"download": download})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def empty(request: HttpRequest) -> HttpResponse:
    """Ask (GET), and delete everything in the trash for good (POST)."""
    if request.method == "POST":
        gone = empty_own(request.user)
        return _done(request, f"{gone} deleted for good." if gone else "The trash is empty.")
    count, size = trash_totals(request.user)
    template = "downloads/_erase.html" if is_htmx(request) else "downloads/erase.html"
    return render(request, template, {"count": count, "size": size})


def _done(request: HttpRequest, text: str) -> HttpResponse:
    if is_htmx(request):
        return toast(request, _follow(), text)
    return toast(request, go(request, back(request, reverse("downloads:trash"))), text)
