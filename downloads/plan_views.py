"""The plan sheet: look at pasted links, choose, start exactly those."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from downloads import looking, services
from downloads.forms import ComposerForm, reasons
from downloads.planning import Sheet, plan_of, specs_of
from downloads.specs import MAX_BULK
from downloads.views import LIST, Composed, refused, started, whole, words
from kapture.core.errors import Conflict, InvalidInput
from kapture.jobs import services as jobs
from kapture.web.htmx import go, is_htmx, toast
from kapture.web.once import once


def address(pk: UUID) -> str:
    """Where the list is shown with a sheet."""
    return f"{reverse(LIST)}?plan={pk}"


@login_required
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Look at what the composer holds; the sheet fills up while it is looked at. Nothing is spent."""
    form = ComposerForm(request.POST)
    if not form.is_valid():
        return refused(request, form, [form.problem])
    job = looking.ask_looks(request.user, form.links())
    if not is_htmx(request):
        return redirect(address(job.pk))
    response = whole(request, "downloads/_page.html", Composed(), sheet=Sheet.of(request.user, job))
    response["HX-Push-Url"] = address(job.pk)
    return response


@login_required
@require_safe
def sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The sheet as far as it is, with the same items checked; the page that holds it for a browser without scripts."""
    job = plan_of(request.user, pk)
    if not is_htmx(request):
        return redirect(address(pk))
    checked = _numbers(request.GET, "item")
    # What was unchecked before it was looked at stays so, too.
    let_go = [at for at in _numbers(request.GET, "waited") if at not in checked]
    found = Sheet.of(request.user, job, [*_numbers(request.GET, "shown"), *let_go], checked)
    return render(request, "downloads/_plan.html", {"sheet": found})


@login_required
@require_POST
@once
def start(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Start the checked links of a sheet, and no others."""
    job = plan_of(request.user, pk)
    chosen = _numbers(request.POST, "item")
    try:
        specs = specs_of(job, chosen)
    except InvalidInput as refusal:
        return _again(request, job.pk, chosen, reasons(refusal))
    outcomes = services.request_many(request.user, specs)
    _stop_looking(request, pk)
    turned_away = [one for one in outcomes if one.error]
    count = len(outcomes) - len(turned_away)
    if not turned_away:
        return started(request, count)
    left = [chosen[one.index] for one in turned_away]
    problems = list(dict.fromkeys(reasons(one.error)[0] for one in turned_away if one.error))
    response = _again(request, pk, left, problems, count=count)
    return toast(request, response, words(count)) if count else response


@login_required
@require_POST
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a sheet away; what is being looked at is let go."""
    plan_of(request.user, pk)
    _stop_looking(request, pk)
    if not is_htmx(request):
        return go(request, reverse(LIST))
    response = HttpResponse()
    response["HX-Push-Url"] = reverse(LIST)
    return response


def _stop_looking(request: HttpRequest, pk: UUID) -> None:
    job = plan_of(request.user, pk)
    if job.is_active:
        try:
            jobs.cancel(job, request.user)
        except Conflict:
            # It ended meanwhile, which is as good.
            return


def _again(request: HttpRequest, pk: UUID, checked: list[int], problems: list[str], *, count: int = 0) -> HttpResponse:
    """The page with the sheet again, these items checked."""
    job = plan_of(request.user, pk)
    found = Sheet.of(request.user, job, range(MAX_BULK), checked)
    template = "downloads/_page.html" if is_htmx(request) else "downloads/list.html"
    return whole(request, template, Composed(problems=problems), sheet=found, status=200 if count else 422)


def _numbers(data: QueryDict, name: str) -> list[int]:
    """Positions of items; what is no position is nobody's."""
    return [
        int(text) for text in data.getlist(name)[:MAX_BULK] if text.isascii() and text.isdecimal() and len(text) < 4
    ]
