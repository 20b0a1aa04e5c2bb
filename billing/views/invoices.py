"""The invoices page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing.frame import share
from billing.invoices import shown
from billing.membership import membership
from billing.queries import bought_packs, invoices_of, price
from kapture.core.paging import PageRequest, paginate


@login_required
@require_safe
def invoices_page(request: HttpRequest) -> HttpResponse:
    """What was billed, with links to Stripe's pages of it."""
    page = paginate(invoices_of(request.user), ("-issued_at", "-id"), PageRequest.read(request.GET))
    member = membership(request.user)
    share(request, member.plan)
    context = {
        "member": member,
        "page": page,
        "invoices": [shown(row) for row in page.rows],
        "bought": [(row, price(row.pack)) for row in bought_packs(request.user) if row.pack],
    }
    return render(request, "billing/invoices.html", context)
