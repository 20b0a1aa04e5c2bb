"""Serving a download's files to its signed-in owner, under addresses that stay the same."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import resolve
from django.views.decorators.http import require_safe

from downloads.queries import download_of
from downloads.serializers import file_name
from kapture.core.errors import NotFound
from kapture.objects.models import StoredObject
from kapture.objects.services import link


@login_required
@require_safe
def media(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The file itself, for the player."""
    return _show(request, download_of(request.user, pk).media)


@login_required
@require_safe
def thumbnail(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The small picture."""
    return _show(request, download_of(request.user, pk).thumbnail)


@login_required
@require_safe
def file(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The file, to be saved under a readable name."""
    download = download_of(request.user, pk)
    if download.media is None:
        raise NotFound
    return HttpResponseRedirect(link(download.media, filename=file_name(download), inline=False))


def _show(request: HttpRequest, row: StoredObject | None) -> HttpResponseBase:
    """Serve an object of the local store here and now; send the browser to a remote store.

    A player asks for pieces of a long file for as long as it plays, which is longer than a signed link lives.
    """
    if row is None:
        raise NotFound
    address = link(row)
    parts = urlsplit(address)
    if parts.netloc:
        return HttpResponseRedirect(address)
    match: Any = resolve(parts.path)
    answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return answer
