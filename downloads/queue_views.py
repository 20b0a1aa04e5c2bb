"""Pages' doors to the queue: pause, go on, start now, for one or for all; and the plot of the last minute."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from downloads import queueing
from downloads.models import Download
from downloads.queries import download_of, totals
from downloads.throughput import throughput_of
from downloads.views import done


@login_required
@require_POST
def pause(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a download wait."""
    return _move(request, pk, queueing.pause_download, "Paused. What had come of it is fetched anew when it goes on.")


@login_required
@require_POST
def resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a paused download go on."""
    return _move(request, pk, queueing.resume_download, "It goes on in its turn.")


@login_required
@require_POST
def start(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a download before the others."""
    return _move(request, pk, queueing.start_download_now, "It is the next of yours to start.")


@login_required
@require_POST
def pause_all(request: HttpRequest) -> HttpResponse:
    """Let all downloads wait."""
    count = queueing.pause_all(request.user)
    return done(request, _words(count, "paused"), "ok" if count else "info")


@login_required
@require_POST
def resume_all(request: HttpRequest) -> HttpResponse:
    """Let all paused downloads go on."""
    count = queueing.resume_all(request.user)
    return done(request, _words(count, "going on"), "ok" if count else "info")


@login_required
@require_safe
def throughput(request: HttpRequest) -> HttpResponse:
    """The plot of the last minute, and nothing else; asks for itself again while something runs."""
    running, seen = totals(request.user).running, throughput_of(request.user)
    context = {"throughput": seen, "moves": running > 0 or not seen.is_quiet}
    return render(request, "downloads/_throughput.html", context)


def _move(request: HttpRequest, pk: UUID, move: Callable[[Any, Download], Download], words: str) -> HttpResponse:
    move(request.user, download_of(request.user, pk))
    return done(request, words)


def _words(count: int, what: str) -> str:
    if not count:
        return f"There was nothing that could be {'paused' if what == 'paused' else 'resumed'}."
    return f"{count:,} download{'' if count == 1 else 's'} {what}."
