"""Pages of watches."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kapture.core.choices import Platform
from kapture.core.errors import DomainError, InvalidInput, NotFound
from kapture.web.errors import explain as refusal_of
from kapture.web.htmx import go, is_htmx, toast
from kapture.web.once import once
from trends.models import Watch
from trends.watches import delivering, queries, services
from trends.watches.backtest import PERIODS, Search, backtest
from trends.watches.forms import WatchForm, rule_forms, rules_of
from trends.watches.pages import ListPage, WatchPage
from trends.watches.previews import Price, Tried
from trends.watches.specs import MOST_WATCHES, WatchSpec

GET_OR_POST = ["GET", "HEAD", "POST"]


@login_required
@require_safe
def list_page(request: HttpRequest) -> HttpResponse:
    """All watches."""
    context = {"page": ListPage.of(request.user), "most": MOST_WATCHES}
    return render(request, "trends/watches/list.html", context)


@login_required
@require_http_methods(GET_OR_POST)
@once
def new(request: HttpRequest) -> HttpResponse:
    """Make a watch."""
    return _editor(request, None)


@login_required
@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a watch."""
    return _editor(request, queries.watches(request.user).fetch(request.user, pk))  # type: ignore[attr-defined]


def _editor(request: HttpRequest, kept: Watch | None) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form, rows = WatchForm(sent, watch=kept), rule_forms(sent, kept)
    refusal = None
    if form.is_bound and rows.is_valid() and form.is_valid() and (spec := form.spec(rules_of(rows))):
        try:
            return _saved(request, spec, kept)
        except DomainError as error:
            refusal = refusal_of(error)
    context = {
        "form": form,
        "rules": rows,
        "watch": kept,
        "refusal": refusal,
        "price": _price(request, form, kept),
        "periods": [(str(count), f"Last {count} days") for count in PERIODS],
    }
    return render(request, "trends/watches/edit.html", context, status=422 if form.is_bound else 200)


def _saved(request: HttpRequest, spec: WatchSpec, kept: Watch | None) -> HttpResponse:
    if kept:
        saved, words = services.change_watch(request.user, kept.pk, spec), "Saved."
    else:
        saved = services.create_watch(request.user, spec)
        words = "Saved." if saved.cron else f"{saved.name} runs within a minute."
    return toast(request, go(request, reverse("trends:watch", args=[saved.pk])), words)


@login_required
@require_safe
def cost(request: HttpRequest) -> HttpResponse:
    """What the watch in the form would take of a month; a fragment."""
    form = WatchForm(request.GET)
    return render(request, "trends/watches/_cost.html", {"price": _price(request, form, _kept(request))})


def _price(request: HttpRequest, form: WatchForm, kept: Watch | None) -> Price:
    """What the form's schedule takes; one that was not sent counts as it stands."""
    told = form.told()
    schedule, platforms = told.schedule(), set(told.cleaned_data.get("platforms") or ())
    if schedule is None or not platforms:
        return Price(None)
    besides = kept.pk if kept else None
    return Price(queries.cost(request.user, schedule, len(platforms), timezone.now(), besides=besides))


@login_required
@require_http_methods(GET_OR_POST)
def preview(request: HttpRequest) -> HttpResponse:
    """What the rules in the form would have done with what was captured; a fragment, or a page of its own.

    Nothing is changed. A browser without scripts posts the form, so that its token is in no address.
    """
    told = request.POST or request.GET
    kept, form, rows = _kept(request), WatchForm(told), rule_forms(told)
    form.is_valid()
    value = form.cleaned_data
    platforms = tuple(Platform(name) for name in value.get("platforms") or ())
    rules = rules_of(rows) if rows.is_valid() else ()
    days = PERIODS[1] if told.get("days") == str(PERIODS[1]) else PERIODS[0]
    search = Search(tuple(value.get("keywords") or ()), platforms, kept)
    tried = backtest(request.user, search, rules, days) if rules else []
    context = {
        "tried": [Tried(test, number) for number, test in enumerate(tried)],
        "days": days,
        "price": _price(request, form, kept),
    }
    template = "trends/watches/_backtest.html" if is_htmx(request) else "trends/watches/backtest.html"
    return render(request, template, context)


def _kept(request: HttpRequest) -> Watch | None:
    """The watch that a form changes, None for a new one; raises `NotFound` for somebody else's."""
    given = request.POST.get("watch") or request.GET.get("watch")
    if not given:
        return None
    try:
        pk = UUID(given)
    except ValueError as error:
        raise NotFound from error
    kept: Watch = Watch.objects.fetch(request.user, pk)
    return kept


@login_required
@require_safe
def watch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One watch."""
    return render(request, "trends/watches/watch.html", {"page": WatchPage.of(request.user, pk, request.GET)})


@login_required
@require_POST
def state(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Pause a watch, or let it run again."""
    wanted = request.POST.get("state", "")
    if wanted not in Watch.State.values:
        raise InvalidInput({"state": ["Choose active or paused."]})
    kept = services.set_state(request.user, pk, Watch.State(wanted))
    words = "paused" if kept.state == Watch.State.PAUSED else "runs again"
    return toast(request, _back(request, kept.pk), f"{kept.name} {words}.")


@login_required
@require_POST
@once
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Run a watch now."""
    services.run_now(request.user, pk)
    return toast(request, _back(request, pk), "Searching.")


@login_required
@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a watch."""
    services.delete_watch(request.user, pk)
    return toast(request, go(request, reverse("trends:watches")), "Watch deleted.")


@login_required
@require_safe
def results(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a watch found, the newest first; all of it counts as seen from now on, when it is really opened."""
    kept: Watch = Watch.objects.fetch(request.user, pk)
    if request.method == "GET" and not _is_ahead(request):
        services.see(request.user, pk)
    query = urlencode({"watch": str(kept.pk), "sort": "-scrapedAt"})
    return go(request, f"{reverse('trends:list')}?{query}")


def _is_ahead(request: HttpRequest) -> bool:
    """Whether a browser only fetches ahead what its user may open."""
    told = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return any(value.lower().startswith("prefetch") for value in told)


@login_required
@require_POST
@once
def replay(request: HttpRequest, pk: UUID, message: UUID) -> HttpResponse:
    """Post a message once more."""
    delivering.replay(request.user, pk, message)
    return toast(request, _back(request, pk), "The message is on its way again.")


def _back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """To the list when the button was there, else to the watch."""
    on_list = request.POST.get("from") == "list"
    return go(request, reverse("trends:watches") if on_list else reverse("trends:watch", args=[pk]))
