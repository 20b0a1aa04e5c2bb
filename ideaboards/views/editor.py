"""The page of one board: its text, and the panel beside it."""

import json
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from billing.queries import usage_of
from ideaboards import composing, markdown, queries, services
from ideaboards.forms import TONES, AskForm, InsertForm
from ideaboards.models import BoardSource, Generation, Ideaboard
from ideaboards.rendering import render as render_tree
from ideaboards.sources import references
from ideaboards.specs import LINE_KINDS, WritingSpec
from ideaboards.views.boards import read
from kapture.core.choices import UsageKind
from kapture.core.errors import NotFound, Unavailable
from kapture.core.paging import PageRequest, paginate
from kapture.gateways.writing import require_on
from kapture.web.htmx import is_htmx, toast

TABS = ("assist", "references", "history")
SHOWN = 20
ICONS = {"hook": "zap", "title": "type", "script": "scroll-text", "description": "text-align-start", "hashtags": "hash"}


@login_required
@require_safe
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A board with its panel; htmx gets the panel alone."""
    board = Ideaboard.objects.fetch(request.user, pk)
    sources = queries.sources(board)
    context = panel(request, board, sources)
    if is_htmx(request):
        return render(request, "ideaboards/_panel.html", context)
    known = references(sources)
    context |= {
        "html": render_tree(board.body, known),
        "markdown": markdown.write(board.body, {key: reference.n for key, reference in known.items()}),
        "references": {key: asdict(reference) for key, reference in known.items()},
        "words": len(board.body_text.split()),
    }
    return render(request, "ideaboards/detail.html", context)


@login_required
@require_safe
def version(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """What a board looked like at one version."""
    board = Ideaboard.objects.fetch(request.user, pk)
    old = board.versions.filter(number=number).first()
    if old is None:
        raise NotFound
    html = render_tree(old.body, references(queries.sources(board)))
    return render(request, "ideaboards/version.html", {"board": board, "old": old, "html": html})


@login_required
@require_POST
def generate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write into the panel and show it there; the way of a browser without JavaScript."""
    values = read(AskForm(request.POST))
    spec = WritingSpec(Generation.Kind(values["kind"]), values["prompt"], board_id=pk, tone=values["tone"])
    services.generate(request.user, spec)
    return redirect(f"{reverse('ideaboards:detail', args=[pk])}?tab=assist#assist")


@login_required
@require_safe
def idea(request: HttpRequest, pk: UUID, generation: UUID) -> HttpResponse:
    """One generation as a card, and what the next one costs."""
    board = Ideaboard.objects.fetch(request.user, pk)
    row = board.generations.filter(pk=generation).first()
    if row is None:
        raise NotFound
    context = {"board": board, "card": card(row, queries.sources(board)), "usage": usage(request)}
    return render(request, "ideaboards/_idea.html", context)


@login_required
@require_POST
def insert(request: HttpRequest, pk: UUID, generation: UUID) -> HttpResponse:
    """Put what was written at the end of the board."""
    board = Ideaboard.objects.fetch(request.user, pk)
    if not board.generations.filter(pk=generation).exists():
        raise NotFound
    services.insert_lines(request.user, pk, generation, read(InsertForm(request.POST))["line"])
    return toast(request, redirect("ideaboards:detail", pk), "Added to the end of the board.")


def panel(request: HttpRequest, board: Ideaboard, sources: list[BoardSource]) -> dict[str, Any]:
    """What the chosen tab of the panel shows."""
    tab = request.GET.get("tab", "assist")
    tab = tab if tab in TABS else "assist"
    context: dict[str, Any] = {"board": board, "sources": sources, "source_count": len(sources), "tab": tab}
    if tab == "history":
        return context | {"page": paginate(queries.versions(board), ("-number", "-id"), PageRequest.read(request.GET))}
    if tab == "assist":
        context |= {
            "cards": [card(row, sources) for row in queries.generations(board, SHOWN)],
            "kinds": [(value, label, ICONS[value]) for value, label in LINE_KINDS],
            "tones": TONES,
            "usage": usage(request),
            "off": off(),
        }
    return context


def card(row: Generation, sources: list[BoardSource]) -> dict[str, Any]:
    """One generation as its card shows it; unsupported lines are marked where there were sources to lean on."""
    return {
        "row": row,
        "icon": ICONS[row.kind],
        "lines": queries.shown_lines(row, sources),
        "grounded": bool(row.spec.get("trendIds") or sources),
        "nodes": json.dumps(composing.nodes(row, row.lines)) if row.lines else "",
    }


def usage(request: HttpRequest) -> Any:
    """What is left of the month's AI generations."""
    return usage_of(request.user, UsageKind.AI_GENERATION, timezone.now())


def off() -> str:
    """Why nothing can be written, or an empty text."""
    try:
        require_on()
    except Unavailable as error:
        return error.message
    return ""
