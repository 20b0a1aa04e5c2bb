"""Settings, sign-in: address, password, and the end of this session."""

from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.authentication import AuthenticatedRequest
from accounts.entrance.addresses import ask_for_address, forget_wish, wished_address
from accounts.forms import AddressForm
from accounts.models import User
from kapture.core.errors import NotFound


def _page(request: AuthenticatedRequest, form: AddressForm | None = None, status: int = 200) -> HttpResponse:
    wished = wished_address(request.user)
    context = {
        "section": "sign-in",
        "form": form or (AddressForm(request.user) if _may_change(request.user) else None),
        "wished": wished,
        "mailbox": settings.MAILBOX_URL if wished else "",
    }
    return render(request, "accounts/settings/sign_in.html", context, status=status)


def _may_change(user: User) -> bool:
    """Whether the address is kept here and can be proven: Clerk keeps that of its people."""
    return user.clerk_id is None and user.has_usable_password()


@login_required
@require_safe
def sign_in(request: AuthenticatedRequest) -> HttpResponse:
    """How somebody gets in."""
    return _page(request)


@login_required
@require_POST
@sensitive_post_parameters("password")
@rate_limit(action="manage_email")  # type: ignore[untyped-decorator]  # allauth is untyped
def change_address(request: AuthenticatedRequest) -> HttpResponse:
    """Ask for another address, which counts when the link sent to it was followed."""
    if not _may_change(request.user):
        raise NotFound
    form = AddressForm(request.user, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    ask_for_address(request, request.user, form.cleaned_data["email"])
    messages.success(request, f"We have sent a link to {form.cleaned_data['email']}.")
    return redirect("accounts:sign-in")


@login_required
@require_POST
def keep_address(request: AuthenticatedRequest) -> HttpResponse:
    """Take the wish for another address back."""
    forget_wish(request.user)
    messages.success(request, "Your address stays as it is.")
    return redirect("accounts:sign-in")
