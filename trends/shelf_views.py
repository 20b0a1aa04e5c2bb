"""Pages of categories and saved views, the last changes, and the list as a file."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kapture.core.errors import DomainError
from kapture.web.htmx import go, is_htmx, toast
from trends import kept, queries, shelves
from trends.exporting_rows import as_file
from trends.forms import FilterForm, saved_query
from trends.keeping_forms import NameForm, show_refusal

CATEGORIES = "trends:categories"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def categories(request: HttpRequest) -> HttpResponse:
    """The categories with what stands on them, and a form for a new one."""
    form = NameForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            made = shelves.add_category(request.user, form.cleaned_data["name"])
        except DomainError as refusal:
            show_refusal(form, refusal)
        else:
            return toast(request, redirect(CATEGORIES), f"Category {made.name} made.")
    rows = kept.counted(kept.categories(request.user))
    context = {"categories": rows, "form": form}
    return render(request, "trends/categories.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def rename_category(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a category another name."""
    try:
        renamed = shelves.rename_category(request.user, pk, request.POST.get("name", ""))
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        form = NameForm(request.POST)
        show_refusal(form, refusal)
        return toast(request, redirect(CATEGORIES), " ".join(map(str, form.non_field_errors())), level="bad")
    return toast(request, redirect(CATEGORIES), f"The category is called {renamed.name} now.")


@login_required
@require_POST
def delete_category(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a category; its trends stay."""
    shelves.drop_category(request.user, pk)
    return toast(request, redirect(CATEGORIES), "Category deleted. Its trends stay.")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the filter of the address under a name: a page of its own, or a dialog for htmx."""
    query = saved_query(request.GET)
    form = NameForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            view = shelves.save_view(request.user, form.cleaned_data["name"], query)
        except DomainError as refusal:
            show_refusal(form, refusal)
        else:
            return toast(request, go(request, address_of(view.query)), f"View {view.name} saved.")
    template = "trends/_view_dialog.html" if is_htmx(request) else "trends/view.html"
    context = {"form": form, "query": query}
    return render(request, template, context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def delete_view(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Forget a saved view; what it shows stays."""
    shelves.drop_view(request.user, pk)
    return toast(request, HttpResponseRedirect(reverse("trends:list")), "View removed.")


@login_required
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """What was done to trends in the last 30 days, with a way to take each back."""
    return render(request, "trends/changes.html", {"changes": kept.changes(request.user)})


@login_required
@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All trends that the filter of the address finds, as a CSV or JSON file."""
    form = FilterForm(request.GET)
    rows = queries.trends(request.user, form.wanted).order_by(*queries.SORTS[form.order])
    return as_file(rows, "json" if request.GET.get("format") == "json" else "csv")


def address_of(query: str) -> str:
    """The list under a saved query."""
    return f"{reverse('trends:list')}?{query}" if query else reverse("trends:list")
