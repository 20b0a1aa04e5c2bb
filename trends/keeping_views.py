"""Pages around keeping: what is done to chosen trends, and how it is taken back."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from billing.queries import usage_of
from kapture.core.choices import UsageKind
from kapture.core.errors import DomainError, InvalidInput
from kapture.web.htmx import Undo, go, is_htmx, toast
from kapture.web.redirects import back
from trends import keeping, kept
from trends.forms import ids_of
from trends.keeping_forms import LabelsForm, MoveForm, TagForm, show_refusal
from trends.labels import clean_tags
from trends.models import Change, Trend

MAX_DOWNLOADS = 50
MAX_SOURCES = 20
LIST = "trends:list"


@login_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Something to do with the ticked trends: delete them, draft a board, or ask what else must be known first."""
    chosen = _chosen(request)
    match request.POST.get("action"):
        case "board":
            return _draft(request, chosen)
        case "download":
            return _ask_download(request, chosen)
        case "delete":
            change = keeping.delete_trends(request.user, [trend.pk for trend in chosen])
            return changed(request, change, "deleted")
        case "tag":
            return _ask(request, "tag", {"trends": chosen, "form": TagForm(request.user, chosen)})
        case "category":
            return _ask(request, "move", {"trends": chosen, "form": MoveForm(request.user, initial=_shelf_of(chosen))})
    raise InvalidInput({"action": ["Choose what to do."]})


def _chosen(request: HttpRequest) -> list[Trend]:
    given = request.POST.getlist("ids")
    if len(given) > keeping.MAX_AT_ONCE:
        raise InvalidInput({"ids": [f"At most {keeping.MAX_AT_ONCE} trends at once; {len(given)} are chosen."]})
    ids = ids_of(given, keeping.MAX_AT_ONCE)
    chosen = list(Trend.objects.for_user(request.user).filter(pk__in=ids))
    if not chosen:
        raise InvalidInput({"": ["Choose at least one trend."]})
    return chosen


def _draft(request: HttpRequest, chosen: Sequence[Trend]) -> HttpResponse:
    if len(chosen) > MAX_SOURCES:
        raise InvalidInput(
            {"ids": [f"A board is drafted from at most {MAX_SOURCES} trends; {len(chosen)} are chosen."]}
        )
    picked = [("trend", str(trend.pk)) for trend in chosen]
    return go(request, f"{reverse('ideaboards:draft')}?{urlencode(picked)}")


def _ask_download(request: HttpRequest, chosen: Sequence[Trend]) -> HttpResponse:
    if len(chosen) > MAX_DOWNLOADS:
        raise InvalidInput({"ids": [f"At most {MAX_DOWNLOADS} downloads at once; {len(chosen)} are chosen."]})
    left = usage_of(request.user, UsageKind.DOWNLOAD, timezone.now())
    return _ask(request, "download", {"trends": chosen, "usage": left})


def _shelf_of(chosen: Sequence[Trend]) -> dict[str, str]:
    """The category that the chosen trends share, as what a form begins with."""
    alike = len({trend.category_id for trend in chosen}) == 1
    return {"category": kept.shelf_name(chosen[0])} if alike else {}


def _ask(request: HttpRequest, what: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    template = f"trends/_{what}_dialog.html" if is_htmx(request) else f"trends/{what}.html"
    return render(request, template, {"back": back(request, reverse(LIST)), **context}, status=status)


@login_required
@require_POST
def tag(request: HttpRequest) -> HttpResponse:
    """Put tags on trends and take others away."""
    chosen = _chosen(request)
    form = TagForm(request.user, chosen, request.POST)
    if form.is_valid():
        ids = [trend.pk for trend in chosen]
        try:
            change = keeping.tag_trends(request.user, ids, add=form.added, remove=form.cleaned_data["remove"])
        except DomainError as refusal:
            show_refusal(form, refusal)
        else:
            return changed(request, change, "tagged")
    return _ask(request, "tag", {"trends": chosen, "form": form}, 422)


@login_required
@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """Put trends on the shelf of a category, or take them off."""
    chosen = _chosen(request)
    form = MoveForm(request.user, request.POST)
    if form.is_valid():
        try:
            change = keeping.move_trends(request.user, [trend.pk for trend in chosen], form.name)
        except DomainError as refusal:
            show_refusal(form, refusal)
        else:
            return changed(request, change, f"moved to {form.name}" if form.name else "taken off their category")
    return _ask(request, "move", {"trends": chosen, "form": form}, 422)


@login_required
@require_POST
def label(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give one trend the tags and the category that its page says."""
    trend = Trend.objects.fetch(request.user, pk)
    here = reverse("trends:detail", args=[pk])
    form = LabelsForm(trend, request.POST)
    if not form.is_valid():
        texts = [str(text) for texts in form.errors.values() for text in texts]
        return toast(request, HttpResponseRedirect(here), " ".join(texts), level="bad")
    try:
        done = _relabelled(request, trend, form)
    except InvalidInput as refusal:
        show_refusal(form, refusal)
        return toast(request, HttpResponseRedirect(here), " ".join(map(str, form.non_field_errors())), level="bad")
    words = "Tags and category saved." if done else "Nothing was changed."
    undo = Undo(reverse("trends:undo", args=[done[0].pk])) if len(done) == 1 else None
    return toast(request, HttpResponseRedirect(here), words, level="ok" if done else "info", undo=undo)


def _relabelled(request: HttpRequest, trend: Trend, form: LabelsForm) -> list[Change]:
    """Both changes of a trend's labels, or none when one of them is refused."""
    wanted = clean_tags(form.cleaned_data["tags"])
    gone = {tag.casefold() for tag in trend.tags} - {tag.casefold() for tag in wanted}
    with transaction.atomic():
        tagged = keeping.tag_trends(request.user, [trend.pk], add=wanted, remove=gone)
        moved = keeping.move_trends(request.user, [trend.pk], form.cleaned_data["category"])
    return [change for change in (tagged, moved) if change]


@login_required
@require_POST
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a change back, from the message that told of it."""
    count = keeping.undo(request.user, pk)
    words = f"{_trends(count)} restored." if count else "There was nothing to take back."
    return toast(request, _answer(request), words, level="ok" if count else "info")


def changed(request: HttpRequest, change: Change | None, what: str) -> HttpResponse:
    """Say what was done, with the way to undo it, and let the list fetch itself again."""
    if change is None:
        return toast(request, _answer(request), "There was nothing to change.", level="info")
    words = f"{_trends(len(change.before))} {what}."
    return toast(request, _answer(request), words, undo=Undo(reverse("trends:undo", args=[change.pk])))


def _answer(request: HttpRequest) -> HttpResponse:
    """The page of the form again; with scripts its dialog closes, and the list follows by itself."""
    if not is_htmx(request):
        return HttpResponseRedirect(back(request, reverse(LIST)))
    response = HttpResponse(status=204)
    return trigger_client_event(trigger_client_event(response, "close-modal", {}), "trends-changed", {})


def _trends(count: int) -> str:
    return "1 trend" if count == 1 else f"{count} trends"
