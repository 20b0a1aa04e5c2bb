"""The page of one download: player, transcript, clips, evidence, and the files that can be taken from it."""

import json
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from downloads import captions, clipping, evidence
from downloads.choices import Format
from downloads.clipping import ClipSpec
from downloads.forms import reasons
from downloads.media_page import MediaPage, wanted_lines
from downloads.models import Download
from downloads.queries import download_of
from kapture.core.errors import InvalidInput, NotFound
from kapture.gateways.media.captions import as_srt, as_text, as_vtt
from kapture.objects.services import disposition, plain
from kapture.web.htmx import go, is_htmx, toast
from kapture.web.once import once

# What a part of the page is made from when htmx asks for that part alone.
PARTS = {"transcript": "downloads/_transcript.html", "evidence": "downloads/_evidence.html"}
WRITTEN = {"vtt": (as_vtt, "text/vtt"), "srt": (as_srt, "application/x-subrip"), "txt": (as_text, "text/plain")}


@login_required
@require_safe
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One download; the body or one part of it alone for htmx."""
    return _page(request, download_of(request.user, pk))


def _page(request: HttpRequest, download: Download, *, status: int = 200, **more: Any) -> HttpResponse:
    page = MediaPage.read(request, download)
    context = {"page": page, "download": download, "job": page.job, "twin": page.twin, **more}
    part = PARTS.get(request.headers.get("HX-Target", ""), "downloads/_detail.html")
    return render(request, part if is_htmx(request) else "downloads/detail.html", context, status=status)


@login_required
@require_safe
def caption_file(request: HttpRequest, pk: UUID, caption: UUID, form: str) -> HttpResponse:
    """The captions of one language as vtt (which the player reads), srt or txt."""
    if form not in WRITTEN:
        raise NotFound
    download = download_of(request.user, pk)
    row = captions.caption_of(download, caption)
    write, content_type = WRITTEN[form]
    name = f"{download.headline[:120]}.{row.language}.{form}"
    return _saved(write(captions.cues_of(row)), content_type, name)


@login_required
@require_safe
def evidence_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The evidence with its seal, to be kept elsewhere."""
    download = download_of(request.user, pk)
    row = evidence.evidence_of(download)
    body = json.dumps({**evidence.statement(row), "digest": row.digest}, ensure_ascii=False, indent=2)
    return _saved(f"{body}\n", "application/json", f"{download.headline[:120]}.evidence.json")


def _saved(text: str, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(text.encode(), content_type=f"{content_type}; charset=utf-8")
    response["Content-Disposition"] = disposition("attachment", plain(name))
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_POST
@once
def clip(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Cut a stretch: from the first to the last ticked line, or from and to what was typed."""
    download = download_of(request.user, pk)
    try:
        made = clipping.request_clip(request.user, download, _spec(request, download))
    except InvalidInput as refusal:
        typed = {name: request.POST.get(name, "") for name in ("start", "end", "format")}
        more = {"problem": reasons(refusal)[0], "typed": typed}
        if is_htmx(request):
            page = MediaPage.read(request, download)
            context = {"page": page, "download": download, **more}
            return render(request, "downloads/_clip.html", context, status=422)
        return _page(request, download, status=422, **more)
    return toast(request, go(request, reverse("downloads:detail", args=[made.pk])), "The clip is being cut.")


def _spec(request: HttpRequest, download: Download) -> ClipSpec:
    start, end = request.POST.get("start", "").strip(), request.POST.get("end", "").strip()
    lines = wanted_lines(request.POST.getlist("line"))
    wanted = request.POST.get("format", "") or next(iter(clipping.formats_for(download)), "")
    if wanted not in Format.values:
        raise InvalidInput({"format": ["Choose one of the formats."]})
    if not start and not end and lines:
        return ClipSpec(*captions.stretch(_ticked(request, download), lines), Format(wanted))
    try:
        return ClipSpec(clipping.moment(start), clipping.moment(end), Format(wanted))
    except ValueError as error:
        said = "Tick the first and the last line, or give start and end as 0:12 or 12.5."
        raise InvalidInput({"start": [said]}) from error


def _ticked(request: HttpRequest, download: Download) -> Any:
    try:
        return captions.caption_of(download, UUID(request.POST.get("caption", "")))
    except ValueError as error:
        raise NotFound from error
