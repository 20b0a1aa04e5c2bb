"""Pages of trends."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh, trigger_client_event

from billing.queries import usage_of
from kapture.core.choices import UsageKind
from kapture.core.errors import DomainError, NotFound
from kapture.web.errors import explain as refusal_of
from kapture.web.htmx import go, is_htmx, rows_changed, toast
from kapture.web.once import once
from kapture.web.redirects import safe_path
from trends import queries, services
from trends.detail_page import DetailPage
from trends.forms import FilterForm, ScrapeForm
from trends.models import Scrape, Trend
from trends.pages import ListPage
from trends.standing import standing

LIST = "trends:list"


@login_required
@require_safe
def list_page(request: HttpRequest) -> HttpResponse:
    """The trends that a filter finds: the whole page, or for htmx the part that changed."""
    page = ListPage.of(request)
    if not is_htmx(request):
        return render(request, "trends/list.html", {"page": page, **_starter(request, page)})
    if "first" in request.GET and not page.is_unused:
        # The bar above an empty list is not there yet; it comes with the whole page.
        return HttpResponseClientRefresh()
    if request.headers.get("HX-Target") == "trends-more":
        return render(request, "trends/_cards.html", {"page": page})
    response = render(request, "trends/_list.html", {"page": page, **_starter(request, page)})
    # The form sends empty fields as well; the address that is kept says only what was chosen.
    response["HX-Push-Url"] = page.first
    return response


def _starter(request: HttpRequest, page: ListPage) -> dict[str, Any]:
    """What the search form inside an empty list needs."""
    return {"form": ScrapeForm(), "usage": _scrapes_left(request)} if page.is_unused else {}


@login_required
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Scrapes at work, and how many trends came into the list since it was read; a fragment."""
    now = timezone.now()
    since = _moment(request.GET.get("since", ""))
    # What is new counts when the filter of the page lets it through.
    wanted = FilterForm(QueryDict(urlsplit(safe_path(request, request.headers.get("HX-Current-URL", ""))).query)).wanted
    fresh = queries.fresh_since(request.user, since, wanted) if since is not None else 0
    jobs = queries.scrape_jobs(request.user, now)
    waits = standing(request.user, jobs, now)
    context = {"jobs": jobs, "standing": waits, "fresh": fresh, "since": request.GET.get("since", "")}
    return render(request, "trends/_status.html", context)


def _moment(text: str) -> datetime | None:
    """The time with a zone that a text names; None for anything else, a thirteenth month included."""
    try:
        moment = parse_datetime(text[:40].replace(" ", "+"))
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo else None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once
def scrape(request: HttpRequest) -> HttpResponse:
    """Ask for a search: a page of its own, or a dialog for htmx."""
    asked = {"keywords": request.GET["keywords"]} if request.GET.get("keywords") else {}
    # The page below a dialog may hold the same form; their fields must not share ids.
    auto_id = "dialog_%s" if is_htmx(request) else "id_%s"
    form = ScrapeForm(request.POST or None, initial=asked, auto_id=auto_id)
    if form.is_bound and form.is_valid():
        try:
            scrapes = services.request_bulk_scrape(request.user, form.spec(), form.chosen)
        except DomainError as error:
            if not is_htmx(request):
                raise
            return _scrape_form(request, form, error)
        return _accepted(request, scrapes)
    return _scrape_form(request, form)


def _scrape_form(request: HttpRequest, form: ScrapeForm, error: DomainError | None = None) -> HttpResponse:
    context = {"form": form, "usage": _scrapes_left(request), "refusal": refusal_of(error) if error else None}
    template = "trends/_scrape_dialog.html" if is_htmx(request) else "trends/scrape.html"
    return render(request, template, context, status=422 if form.is_bound else 200)


def _accepted(request: HttpRequest, scrapes: list[Scrape]) -> HttpResponse:
    words = f"Searching {', '.join(scrape.get_platform_display() for scrape in scrapes)}."
    on_list = safe_path(request, request.headers.get("HX-Current-URL", ""), "").partition("?")[0] == reverse(LIST)
    if is_htmx(request) and on_list:
        response = trigger_client_event(rows_changed(HttpResponse()), "close-modal", {})
        return toast(request, response, words)
    return toast(request, go(request, reverse(LIST)), words)


@login_required
@require_safe
def cost(request: HttpRequest) -> HttpResponse:
    """What the search in the form would cost, and when the same was asked for last; a fragment."""
    form = ScrapeForm(request.GET)
    form.is_valid()
    keywords = form.cleaned_data.get("keywords") or []
    last = queries.last_similar(request.user, keywords)
    platforms = form.cleaned_data.get("platforms") or []
    context = {"units": len(platforms) * services.UNITS, "usage": _scrapes_left(request), "last": last}
    return render(request, "trends/_cost.html", context)


def _scrapes_left(request: HttpRequest) -> Any:
    return usage_of(request.user, UsageKind.SCRAPE, timezone.now())


@login_required
@require_safe
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One trend."""
    rows = Trend.objects.for_user(request.user).select_related("category", "scrape")
    trend = rows.filter(pk=pk).first()
    if trend is None:
        raise NotFound
    return render(request, "trends/detail.html", {"page": DetailPage.of(request, trend), "trend": trend})
