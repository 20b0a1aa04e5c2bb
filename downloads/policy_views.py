"""The page “How to download”: the account's default, and rules for single hosts and platforms."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from downloads.models import Policy
from downloads.policies import place
from downloads.policy_forms import PolicyForm
from downloads.policy_services import change_policy, create_policy, delete_policy, set_default
from kapture.core.errors import Conflict
from kapture.web.htmx import go, toast

PAGE = "downloads:policies"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def policies(request: HttpRequest) -> HttpResponse:
    """Show all layers (GET) and add a rule (POST)."""
    form = PolicyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and form.spec is not None:
        try:
            policy = create_policy(request.user, form.spec)
        except Conflict as refusal:
            form.add_error("host", refusal.message)
        else:
            return toast(request, go(request, reverse(PAGE)), f"Rule for {place(policy.host)} added.")
    return _page(request, rule=form)


@login_required
@require_POST
def default(request: HttpRequest) -> HttpResponse:
    """Write the account's default; with nothing chosen, there is none."""
    form = PolicyForm(request.POST, of_default=True)
    chosen = any(request.POST.get(name) for name in ("wish", "subtitles", "lane"))
    if not chosen:
        for policy in Policy.objects.for_user(request.user).filter(host=""):
            delete_policy(request.user, policy)
    elif not form.is_valid() or form.spec is None:
        return _page(request, default=form)
    else:
        set_default(request.user, form.spec)
    return toast(request, go(request, reverse(PAGE)), "Saved.")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one rule (GET) and change it (POST)."""
    found = Policy.objects.fetch(request.user, pk)
    data = request.POST if request.method == "POST" else None
    form = PolicyForm(data, policy=found, of_default=not found.host)
    if request.method == "POST" and form.is_valid() and (spec := form.spec) is not None:
        try:
            change_policy(request.user, found.pk, lambda _: spec)
        except Conflict as refusal:
            form.add_error("host", refusal.message)
        else:
            return toast(request, go(request, reverse(PAGE)), "Saved.")
    status = 422 if form.is_bound else 200
    return render(request, "downloads/policy.html", {"policy": found, "form": form}, status=status)


@login_required
@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Remove a layer."""
    found = Policy.objects.fetch(request.user, pk)
    delete_policy(request.user, found)
    return toast(request, go(request, reverse(PAGE)), "Rule deleted.")


def _page(request: HttpRequest, rule: PolicyForm | None = None, default: PolicyForm | None = None) -> HttpResponse:
    layers = list(Policy.objects.for_user(request.user))
    own = next((layer for layer in layers if not layer.host), None)
    bad = any(form is not None and form.is_bound for form in (rule, default))
    context = {
        "rules": [(layer, place(layer.host)) for layer in layers if layer.host],
        "default": default or PolicyForm(policy=own, of_default=True),
        "form": rule or PolicyForm(),
    }
    return render(request, "downloads/policies.html", context, status=422 if bad else 200)
