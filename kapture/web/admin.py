"""What the admin of every room shares."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin


def confirm(admin: Any, request: HttpRequest, title: str, text: str, do: Callable[[], HttpResponse]) -> HttpResponse:
    """A page that says what will happen; it happens when its form is sent, never by following a link."""
    if request.method == "POST":
        return do()
    context = {**admin.admin_site.each_context(request), "opts": admin.opts, "title": title, "text": text}
    return TemplateResponse(request, "admin/form.html", context)


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]  # unfold is untyped
    """Rows that only services write: staff look at them, and whoever owns the rule says in its docstring who writes.

    Adding, changing and deleting here would pass by the ledger, the totals, the files or the audit that go with a row.
    """

    # A table of millions is not counted to show twenty rows of it.
    show_full_result_count = False
    # Columns by which other pages lead to some of the rows.
    led_to_by: ClassVar[tuple[str, ...]] = ()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Whether a query string may filter by this: by what the page offers, and by nothing that it hides.

        Django lets any column of the table be asked for, so a hidden secret could be guessed letter by letter.
        """
        offered = [*self.led_to_by, *([self.date_hierarchy] if self.date_hierarchy else [])]
        for item in self.get_list_filter(request):
            if isinstance(item, (list, tuple)):
                offered.append(item[0])
            else:
                offered.append(item if isinstance(item, str) else item.parameter_name)
        named = any(lookup == name or lookup.startswith(f"{name}__") for name in offered)
        return named and bool(super().lookup_allowed(lookup, value, request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_act_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may have services do something with these rows: whoever may change them, not whoever may look."""
        return bool(request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}"))
