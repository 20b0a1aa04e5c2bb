"""Pages of downloads: the list with its composer, one download, and what can be done with it."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from downloads import previews, services
from downloads.choices import State
from downloads.forms import ComposerForm, reasons
from downloads.models import Download
from downloads.page import ListPage
from downloads.queries import download_of, downloads_of, twin_of
from downloads.specs import MAX_BULK, DownloadQuery, DownloadSpec
from kapture.core.errors import DomainError, InvalidInput, UsageExceeded
from kapture.web.htmx import go, is_htmx, rows_changed, toast
from kapture.web.once import once
from kapture.web.redirects import back

LIST = "downloads:list"


@login_required
@require_safe
def list_page(request: HttpRequest) -> HttpResponse:
    """The downloads of one tab; the list alone for htmx."""
    page = ListPage.read(request)
    template = "downloads/_list.html" if is_htmx(request) else "downloads/list.html"
    return render(request, template, {"page": page, "form": ComposerForm()})


@login_required
@require_POST
@once
def request_links(request: HttpRequest) -> HttpResponse:
    """Start what the composer holds; what was refused stays in it, with the reason."""
    form = ComposerForm(request.POST)
    if not form.is_valid():
        return _composer(request, form, [form.problem])
    specs = form.specs()
    outcomes = services.request_many(request.user, specs)
    refused = [(form.cleaned_data["urls"][one.index], one.error) for one in outcomes if one.error]
    started = len(outcomes) - len(refused)
    if refused:
        problems = [
            f"{link[:120]}: {reasons(error)[0]}" if len(outcomes) > 1 else reasons(error)[0] for link, error in refused
        ]
        response = _composer(request, form, problems, left=[link for link, _ in refused], started=started)
    else:
        response = _started(request)
    return toast(request, response, _words(started)) if started else response


def _started(request: HttpRequest) -> HttpResponse:
    if not is_htmx(request):
        return go(request, reverse(LIST))
    context = {"page": ListPage.of(request.user), "form": ComposerForm(), "wish": request.POST.get("wish", "")}
    return render(request, "downloads/_page.html", context)


def _composer(
    request: HttpRequest, form: ComposerForm, problems: list[str], left: list[str] | None = None, started: int = 0
) -> HttpResponse:
    """The page again with what could not be started still in the composer; 422 when nothing was."""
    context = {
        "page": ListPage.of(request.user),
        "form": form,
        "problems": problems,
        "urls": "\n".join(left) if left else form.data.get("urls", ""),
        "wish": form.data.get("wish", ""),
    }
    template = "downloads/_page.html" if is_htmx(request) else "downloads/list.html"
    return render(request, template, context, status=200 if started else 422)


def _words(count: int) -> str:
    return "Download started." if count == 1 else f"{count} downloads started."


@login_required
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What the one link in the composer would bring."""
    form = ComposerForm(request.POST)
    if not form.is_valid():
        return _preview(request, form, problem=form.problem)
    if len(form.cleaned_data["urls"]) > 1:
        return _preview(request, form, problem="One link can be looked at at a time.")
    try:
        seen = previews.preview(request.user, form.cleaned_data["urls"][0])
    except InvalidInput as refusal:
        return _preview(request, form, problem=reasons(refusal)[0])
    return _preview(request, form, seen=seen)


def _preview(
    request: HttpRequest, form: ComposerForm, *, seen: previews.Preview | None = None, problem: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {"seen": seen, "problem": problem}
    if not is_htmx(request):
        data = form.data
        context |= {"page": ListPage.of(request.user), "urls": data.get("urls", ""), "wish": data.get("wish", "")}
        return render(request, "downloads/list.html", {**context, "form": form})
    return render(request, "downloads/_preview.html", context)


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
    started = len(outcomes) - len(errors)
    response = HttpResponse(status=204) if is_htmx(request) else go(request, reverse(LIST))
    if not errors:
        return toast(request, response, _words(started))
    first = reasons(next((one for one in errors if isinstance(one, UsageExceeded)), errors[0]))[0]
    text = f"{_words(started) if started else 'Nothing was started.'} {len(errors)} refused: {first}"
    return toast(request, response, text, level="warn" if started else "bad")


def _of_trend(text: str) -> DownloadSpec | DomainError:
    try:
        return DownloadSpec(trend_id=UUID(text))
    except ValueError:
        return InvalidInput({"trend": ["There is no such trend."]})


@login_required
@require_safe
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One download: player, facts and what can be done; the body alone for htmx."""
    download = download_of(request.user, pk)
    context = {"download": download, "job": download.job, "twin": twin_of(request.user, download)}
    return render(request, "downloads/_detail.html" if is_htmx(request) else "downloads/detail.html", context)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop a download."""
    download = services.cancel_download(request.user, download_of(request.user, pk))
    return _done(request, "Stopping the download." if download.is_active else "Download cancelled.", "info")


@login_required
@require_POST
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Try a failed or cancelled download again."""
    services.retry_download(request.user, download_of(request.user, pk))
    return _done(request, "Download started again.")


@login_required
@require_POST
def retry_all(request: HttpRequest) -> HttpResponse:
    """Try the newest failed downloads again; with `reason`, those that failed for it."""
    rows = downloads_of(request.user, DownloadQuery(states=(State.FAILED,))).order_by("-created_at", "-id")
    if reason := request.POST.get("reason"):
        rows = rows.filter(job__error_code=reason.replace("\0", "")[:60])
    count = services.retry_failed(request.user, list(rows[:MAX_BULK]))
    return _done(request, _words(count) if count else "There was nothing to try again.", "ok" if count else "info")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask (GET) and remove (POST) a download that ended."""
    download = download_of(request.user, pk)
    if request.method != "POST":
        template = "downloads/_delete.html" if is_htmx(request) else "downloads/delete.html"
        return render(request, template, {"download": download})
    services.delete_download(request.user, download)
    return toast(request, go(request, reverse(LIST) + _tab_of(download)), "Download deleted.")


def _tab_of(download: Download) -> str:
    return "?tab=completed" if download.state == State.COMPLETED else "?tab=failed"


def _done(request: HttpRequest, text: str, level: str = "ok") -> HttpResponse:
    if is_htmx(request):
        response: HttpResponse = rows_changed(HttpResponse(status=204))
    else:
        response = go(request, back(request, reverse(LIST)))
    return toast(request, response, text, level="info" if level == "info" else "ok")
