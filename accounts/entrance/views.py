"""allauth's views with our status for refused forms, and the door to the demo."""

from typing import Any

from allauth.account import views as allauth
from allauth.account.internal.stagekit import unstash_login
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.clerk.links import offered
from accounts.clerk.sessions import BACKEND
from accounts.services import demo_user
from kapture.core.demo import shows_samples
from kapture.core.errors import NotFound
from kapture.gateways.identity import is_on
from kapture.web.redirects import safe_path


class Refusing:
    """Answer a form that does not validate with 422, as every form of the product does."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again, with what is wrong."""
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Whether there is a demo to try, and the way through Clerk where it is on."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return context | {"demo": shows_samples(), "clerk": offered(self.request)}  # type: ignore[attr-defined]


class Telling:
    """A page that says a message is on its way: where there is a mailbox on this machine, it leads there."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The address of the mailbox, empty where messages are really sent."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return context | {"mailbox": settings.MAILBOX_URL}


class SignInView(Refusing, allauth.LoginView):  # type: ignore[misc]  # allauth is untyped
    """Sign in."""


class SignUpView(Refusing, allauth.SignupView):  # type: ignore[misc]
    """Sign up; where Clerk is on, people do so there."""

    def is_open(self) -> bool:
        """Whether accounts are made here."""
        return not is_on() and bool(super().is_open())

    def closed(self) -> HttpResponse:
        """The way to sign up at Clerk, or that nobody can."""
        clerk = offered(self.request)
        if clerk is None:
            response: HttpResponse = super().closed()
            return response
        return render(self.request, "accounts/clerk_signup.html", {"clerk": clerk, "demo": shows_samples()})


class LostPasswordView(Refusing, allauth.PasswordResetView):  # type: ignore[misc]
    """Ask for a link."""


class NewPasswordView(Refusing, allauth.PasswordResetFromKeyView):  # type: ignore[misc]
    """Follow the link."""


class SentView(Telling, allauth.EmailVerificationSentView):  # type: ignore[misc]
    """A link to confirm an address was sent."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The address it went to, in the browser that asked for it."""
        pending = unstash_login(self.request, peek=True)
        address = (pending.user.email if pending.user else pending.email) if pending else ""
        return super().get_context_data(**kwargs) | {"address": address}


class LinkSentView(Telling, allauth.PasswordResetDoneView):  # type: ignore[misc]
    """A link to set a new password was sent, if there is such an account."""


class ChangePasswordView(Refusing, allauth.PasswordChangeView):  # type: ignore[misc]
    """Change it while signed in."""


class SetPasswordView(Refusing, allauth.PasswordSetView):  # type: ignore[misc]
    """Get one while signed in; who comes in through Clerk gets no second way in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Back to the settings for Clerk's people."""
        if getattr(request.user, "clerk_id", None):
            return redirect("accounts:sign-in")
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response


@require_POST
def demo(request: HttpRequest) -> HttpResponse:
    """Sign in as the demo user; exists only where the data is sample data."""
    user = demo_user() if shows_samples() else None
    if user is None:
        raise NotFound
    login(request, user, backend=BACKEND)
    return HttpResponseRedirect(safe_path(request, request.POST.get("next", "/")))


class InactiveView(allauth.AccountInactiveView):  # type: ignore[misc]
    """What a suspended person reads at the door."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the address to write to, if this instance has one."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"contact": settings.SUPPORT_EMAIL}
