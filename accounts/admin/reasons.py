"""Asking staff why, before something is done to somebody."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models import User
from accounts.reasons import LONGEST
from kapture.core.errors import InvalidInput


class ReasonForm(forms.Form):
    """The words."""

    reason = forms.CharField(
        max_length=LONGEST, widget=UnfoldAdminTextareaWidget({"rows": 3}), help_text="The person reads it."
    )


def ask(
    admin: Any,
    request: HttpRequest,
    chosen: Sequence[User],
    title: str,
    text: str,
    do: Callable[[str], HttpResponse | None],
) -> HttpResponse | None:
    """A page that asks why; sent with a reason it is done, and what `do` answers is answered.

    It works for one person as for an action on many, whose choice it carries along.
    """
    form = ReasonForm(request.POST if "reason" in request.POST else None)
    if form.is_valid():
        try:
            return do(form.cleaned_data["reason"])
        except InvalidInput as error:
            form.add_error("reason", error.details["reason"])
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": title,
        "text": text,
        "form": form,
        "chosen": chosen,
        "action": request.POST.get("action", ""),
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "admin/accounts/reason.html", context, status=status)
