"""Going to Stripe's pages and coming back."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from billing.buying import buy
from billing.forms import BuyForm
from billing.frame import share
from billing.membership import membership
from billing.models import Checkout
from billing.queries import usage_of
from billing.services import ask_sync, portal
from billing.services.checkout import find
from kapture.core.choices import UsageKind
from kapture.core.errors import InvalidInput
from kapture.web.htmx import is_htmx
from kapture.web.redirects import safe_path

State = Checkout.State
# A webhook comes within a second as a rule; after some looks Stripe is asked, and after many only by hand.
ASK_AFTER, QUICK, MOST_LOOKS = 3, 15, 60


class SeeOther(HttpResponseRedirect):
    """A redirect after a post, which a browser follows with a get."""

    status_code = 303


@login_required
@require_POST
def checkout(request: HttpRequest) -> HttpResponse:
    """To the payment page for a plan or a top-up."""
    form = BuyForm(request.POST)
    if not form.is_valid():
        raise InvalidInput({name: [str(text) for text in texts] for name, texts in form.errors.items()})
    chosen = form.cleaned_data
    back_to = safe_path(request, request.POST.get("next", ""), "")
    return SeeOther(buy(request.user, plan_id=chosen["plan"], pack_id=chosen["pack"], back_to=back_to).url)


@login_required
@require_POST
def manage(request: HttpRequest) -> HttpResponse:
    """To Stripe's own page of this customer."""
    path = safe_path(request, request.POST.get("next", ""), "/usage/").partition("?")[0]
    return SeeOther(portal(request.user, f"{path}?managed=1"))


@login_required
@require_safe
def visit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What became of a visit to the payment page; while that is open, the page looks again by itself."""
    row = find(request.user, pk)
    left = "left" in request.GET
    if left and row.state == State.OPEN and row.cancel_to:
        return redirect(row.cancel_to)
    look = _look(request.GET.get("look", ""))
    pending = row.state == State.OPEN and not left
    if pending and look >= ASK_AFTER:
        ask_sync(request.user)
    if is_htmx(request) and not pending:
        # The whole page, because its frame shows the plan, the meters and the notices, too.
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {"visit": row, "left": left, "look": look + 1, "looking": look < MOST_LOOKS, "slow": look >= QUICK}
    if is_htmx(request):
        return render(request, "billing/_pending.html", context)
    if row.state == State.PAID:
        member = membership(request.user)
        share(request, member.plan)
        context["member"] = member
        context["usage"] = usage_of(request.user, UsageKind(row.pack.kind), timezone.now()) if row.pack else None
    return render(request, "billing/visit.html", context)


def _look(text: str) -> int:
    """How often the page has looked already."""
    return min(int(text), MOST_LOOKS) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
