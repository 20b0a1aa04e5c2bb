"""The list of boards, and what is done with a whole board."""

from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ideaboards import markdown, queries, services
from ideaboards.forms import BoardForm, FilterForm, RestoreForm, StateForm, TagForm
from ideaboards.models import Ideaboard
from ideaboards.specs import BoardChanges, clean_tags
from kapture.core.errors import InvalidInput
from kapture.core.paging import PageRequest, paginate
from kapture.jobs.models import Job
from kapture.web.htmx import go, is_htmx, toast

LIMIT = 24
STATES = Ideaboard.State.choices


@login_required
@require_safe
def board_list(request: HttpRequest) -> HttpResponse:
    """Cards of the boards, drafts under way above them."""
    form = FilterForm(request.GET)
    wanted = form.wanted()
    page = paginate(queries.boards(request.user, wanted), wanted.ordering, PageRequest.read(request.GET, LIMIT))
    context = {
        "form": form,
        "wanted": wanted,
        "page": page,
        "sorts": form.fields["sort"].choices,  # type: ignore[attr-defined]
        "tags": queries.tags(request.user),
        "tabs": _tabs(queries.states(request.user), wanted.state),
        "filtered": bool(wanted.q or wanted.tag or wanted.state),
        "drafting": Job.objects.for_user(request.user).active().filter(kind=services.KIND).order_by("-created_at"),
    }
    fragment = is_htmx(request)
    return render(request, "ideaboards/_boards.html" if fragment else "ideaboards/list.html", context)


def _tabs(counts: dict[str, int], chosen: str) -> list[dict[str, Any]]:
    """The tabs over the list with their counts; none while there are no boards."""
    if not counts:
        return []
    still_open = sum(count for value, count in counts.items() if value != Ideaboard.State.ARCHIVED)
    rows: list[tuple[str | None, str, int]] = [(None, "Open", still_open)]
    rows += [
        (value, "Drafts" if value == Ideaboard.State.DRAFT else label, counts.get(value, 0)) for value, label in STATES
    ]
    return [
        {"state": value, "label": label, "count": count, "on": (value or "") == chosen} for value, label, count in rows
    ]


@login_required
@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """A blank board, opened at once."""
    board = services.create_board(request.user, BoardChanges(version=0))
    return go(request, reverse("ideaboards:detail", args=[board.pk]))


@login_required
@require_POST
def save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Save title and Markdown; an unchanged text leaves the body as it is, with what Markdown cannot express."""
    values = read(BoardForm(request.POST))
    board = Ideaboard.objects.fetch(request.user, pk)
    sources = queries.sources(board)
    text = values["markdown"].replace("\r\n", "\n")
    body = None
    if text.strip() != markdown.write(board.body, {str(source.key): source.n for source in sources}).strip():
        body = markdown.parse(text, {source.n: str(source.key) for source in sources})
    services.save_board(request.user, pk, BoardChanges(title=values["title"], body=body, version=values["version"]))
    return toast(request, redirect("ideaboards:detail", pk), "Saved.")


@login_required
@require_POST
def tag(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a tag or take one off; answers the row of tags to htmx."""
    values = read(TagForm(request.POST))
    board = Ideaboard.objects.fetch(request.user, pk)
    [wanted] = clean_tags((values["tag"],)) or [""]
    tags = [known for known in board.tags if known.casefold() != wanted.casefold()]
    if not values["remove"]:
        tags.append(wanted)
    board = services.save_board(request.user, pk, BoardChanges(tags=tuple(tags)))
    if is_htmx(request):
        return render(request, "ideaboards/_tags.html", {"board": board})
    return redirect("ideaboards:detail", pk)


@login_required
@require_POST
def state(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Publish, archive or reopen a board, or give it another colour."""
    values = read(StateForm(request.POST))
    changes = BoardChanges(
        state=Ideaboard.State(values["state"]) if values["state"] else None, colour=values["colour"] or None
    )
    board = services.save_board(request.user, pk, changes)
    words = f"“{board.title}” is now {board.get_state_display().lower()}." if values["state"] else "Colour changed."
    return toast(request, go(request, reverse("ideaboards:detail", args=[pk])), words)


@login_required
@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a board and go back to the list."""
    services.delete_board(request.user, pk)
    return toast(request, go(request, reverse("ideaboards:list")), "Board deleted.")


@login_required
@require_POST
def restore(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Bring back an earlier version as the newest one."""
    services.restore(request.user, pk, number, read(RestoreForm(request.POST))["version"])
    return toast(request, go(request, reverse("ideaboards:detail", args=[pk])), f"Version {number} is back.")


def read(form: django_forms.Form) -> dict[str, Any]:
    """The values of a small form; raises `InvalidInput` naming each wrong field."""
    if not form.is_valid():
        raise InvalidInput({name: [str(text) for text in texts] for name, texts in form.errors.items()})
    return dict(form.cleaned_data)
