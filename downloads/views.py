"""Pages of downloads: the list with its composer, and what can be done with one or all of its rows."""

from dataclasses import dataclass, field
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from downloads import failures, services
from downloads.forms import ComposerForm, reasons
from downloads.page import Asked, ListPage, bookmarklet
from downloads.planning import Sheet, plan_of
from downloads.queries import download_of
from downloads.specs import MAX_BULK, DownloadSpec
from kapture.core.errors import DomainError, InvalidInput, UsageExceeded
from kapture.web.htmx import Level, go, is_htmx, rows_changed, toast
from kapture.web.once import once
from kapture.web.redirects import back

LIST = "downloads:list"


@dataclass(frozen=True, slots=True)
class Composed:
    """What stands in the composer, and what is wrong with it."""

    urls: str = ""
    wish: str = ""
    captions: str = ""
    lane: str = ""
    problems: list[str] = field(default_factory=list)


@login_required
@require_safe
def list_page(request: HttpRequest) -> HttpResponse:
    """The downloads of one tab, the sheet of a look, and a link that was shared; the list alone for htmx."""
    if is_htmx(request):
        return render(request, "downloads/_list.html", {"page": ListPage.of(request.user, Asked.read(request))})
    sheet = _sheet(request)
    # A phone shares a page as its address, or as a text that holds it.
    shared = request.GET.get("url") or request.GET.get("text", "")
    urls = "" if sheet else shared.replace("\0", "")[:10_000]
    return whole(request, "downloads/list.html", Composed(urls=urls), sheet=sheet)


def _sheet(request: HttpRequest) -> Sheet | None:
    try:
        pk = UUID(request.GET.get("plan", ""))
    except ValueError:
        return None
    return Sheet.of(request.user, plan_of(request.user, pk))


def whole(
    request: HttpRequest, template: str, composed: Composed, *, sheet: Sheet | None = None, status: int = 200
) -> HttpResponse:
    """The page with what stands in the composer, and a sheet where there is one."""
    context = {
        "page": ListPage.of(request.user, Asked.read(request)),
        "composed": composed,
        "sheet": sheet,
        "bookmarklet": bookmarklet(request),
    }
    return render(request, template, context, status=status)


@login_required
@require_POST
@once
def request_links(request: HttpRequest) -> HttpResponse:
    """Start what the composer holds; what was refused stays in it, with the reason."""
    form = ComposerForm(request.POST)
    if not form.is_valid():
        return refused(request, form, [form.problem])
    outcomes = services.request_many(request.user, form.specs())
    turned_away = [(form.cleaned_data["urls"][one.index], one.error) for one in outcomes if one.error]
    count = len(outcomes) - len(turned_away)
    if not turned_away:
        return started(request, count)
    problems = [
        f"{link[:120]}: {reasons(error)[0]}" if len(outcomes) > 1 else reasons(error)[0] for link, error in turned_away
    ]
    response = refused(request, form, problems, left=[link for link, _ in turned_away], count=count)
    return toast(request, response, words(count)) if count else response


def started(request: HttpRequest, count: int) -> HttpResponse:
    """The page after everything that was asked for was started."""
    if not is_htmx(request):
        return toast(request, go(request, reverse(LIST)), words(count))
    chosen = request.POST
    kept = Composed(wish=chosen.get("wish", ""), captions=chosen.get("captions", ""), lane=chosen.get("lane", ""))
    response = whole(request, "downloads/_page.html", kept)
    response["HX-Push-Url"] = reverse(LIST)
    return toast(request, response, words(count))


def refused(
    request: HttpRequest, form: ComposerForm, problems: list[str], left: list[str] | None = None, count: int = 0
) -> HttpResponse:
    """The page again with what could not be started still in the composer; 422 when nothing was."""
    composed = Composed(
        urls="\n".join(left) if left else form.data.get("urls", ""),
        wish=form.data.get("wish", ""),
        captions=form.data.get("captions", ""),
        lane=form.data.get("lane", ""),
        problems=problems,
    )
    template = "downloads/_page.html" if is_htmx(request) else "downloads/list.html"
    return whole(request, template, composed, status=200 if count else 422)


def words(count: int) -> str:
    """How many were started."""
    return "Download started." if count == 1 else f"{count} downloads started."


@login_required
@require_POST
@once
def bulk(request: HttpRequest) -> HttpResponse:
    """Start downloads of chosen trends; goes to the list, or stays on the page for htmx."""
    specs = [_of_trend(text) for text in request.POST.getlist("trend")]
    if not specs:
        raise InvalidInput({"trend": ["Choose at least one trend."]})
    if len(specs) > MAX_BULK:
        raise InvalidInput({"trend": [f"At most {MAX_BULK} trends at a time; there are {len(specs):,}."]})
    outcomes = services.request_many(request.user, specs)
    errors = [one.error for one in outcomes if one.error]
    count = len(outcomes) - len(errors)
    response = HttpResponse(status=204) if is_htmx(request) else go(request, reverse(LIST))
    if not errors:
        return toast(request, response, words(count))
    first = reasons(next((one for one in errors if isinstance(one, UsageExceeded)), errors[0]))[0]
    text = f"{words(count) if count else 'Nothing was started.'} {len(errors)} refused: {first}"
    return toast(request, response, text, level="warn" if count else "bad")


def _of_trend(text: str) -> DownloadSpec | DomainError:
    try:
        return DownloadSpec(trend_id=UUID(text))
    except ValueError:
        return InvalidInput({"trend": ["There is no such trend."]})


@login_required
@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop a download."""
    download = services.cancel_download(request.user, download_of(request.user, pk))
    return done(request, "Stopping the download." if download.is_active else "Download cancelled.", "info")


@login_required
@require_POST
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Try a failed or cancelled download again."""
    services.retry_download(request.user, download_of(request.user, pk))
    return done(request, "Download started again.")


@login_required
@require_POST
def retry_all(request: HttpRequest) -> HttpResponse:
    """Try the newest failed downloads again; with `reason`, those that failed for it."""
    told = failures.retry_all(request.user, request.POST.get("reason", "").replace("\0", "")[:60])
    return done(request, told.words, "warn" if told.refusal else "ok" if told.started else "info")


def done(request: HttpRequest, text: str, level: Level = "ok") -> HttpResponse:
    """Say what was done, and let the lists of the page be fetched again."""
    if is_htmx(request):
        response: HttpResponse = rows_changed(HttpResponse(status=204))
    else:
        response = go(request, back(request, reverse(LIST)))
    return toast(request, response, text, level=level)
