"""Pages of the library."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kapture.core.paging import PageRequest
from kapture.web.htmx import is_htmx
from library import queries
from library.pages import Layout, View
from library.specs import LibraryQuery

PER_PAGE = 24
MORE = "library-more"


@login_required
@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """Everything somebody has, searched and filtered: the whole page, or for htmx the part that changed."""
    given = request.GET
    query = LibraryQuery.read(
        q=given.get("q", ""),
        kind=given.get("type", ""),
        platforms=given.getlist("platform"),
        sort=given.get("sort", ""),
    )
    wanted = PageRequest.read(given, PER_PAGE)
    layout = Layout(given["layout"]) if given.get("layout") in Layout else Layout.GRID
    view = View(queries.browse(request.user, query, wanted), layout, wanted.cursor)
    if not is_htmx(request):
        return render(request, "library/library.html", {"view": view})
    if request.headers.get("HX-Target") == MORE:
        return render(request, "library/_items.html", {"view": view})
    response = render(request, "library/_fragment.html", {"view": view})
    # The form sends empty fields as well; the address that is kept says only what was chosen.
    response["HX-Push-Url"] = view.here
    return response


@login_required
@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """What a few typed letters may mean, for the command palette."""
    found = queries.suggest(request.user, request.GET.get("q", ""))
    return JsonResponse(
        {"items": [{"title": item.title, "url": item.url, "kind": item.kind.singular} for item in found]}
    )
