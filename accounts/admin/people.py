"""People in admin: found, added, corrected, suspended, and looked at."""

from typing import Any, ClassVar

from allauth.account.adapter import get_adapter
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as FrameworkUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm

from accounts.admin.reasons import ask
from accounts.closing.services import PERMISSION as CLOSE
from accounts.closing.services import close_for
from accounts.directory import CLOSED, OPEN, STATES, SUSPENDED, choices, people
from accounts.impersonation import browser, services
from accounts.models import User
from accounts.notifications import notify
from accounts.services import trust_address
from accounts.suspension import PERMISSION as SUSPEND
from accounts.suspension import restore, suspend
from kapture.audit.services import record
from kapture.core.errors import DomainError, NotFound

LOOK = "You see what they see for half an hour, and can change nothing. They are told, with your reason."
SHUT = "They are signed out, their keys stop working and work in progress is cancelled. What they have stays."
NOT_YOU = "If you did not ask for it, answer the e-mail that tells you so."
GONE = "Their data, files, subscription and sign-in are deleted within minutes. Nobody can undo this."
OPENED = "They can sign in again and their keys work as before."
# Who may do what is decided by superusers alone.
POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")


class NewUserForm(AdminUserCreationForm):  # type: ignore[type-arg]  # generic for the type checker only
    """An address and a password."""

    class Meta:
        model = User
        fields = ("email",)


class StateFilter(admin.SimpleListFilter):
    """Whether somebody can come in."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return list(STATES.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The people in the chosen state."""
        return queryset.filter(state=self.value()) if self.value() in STATES else queryset


class PlanFilter(admin.SimpleListFilter):
    """Which plan somebody is on."""

    title = "plan"
    parameter_name = "plan"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The plans there are."""
        return [(name, name) for name in choices["plan"]()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The people on the chosen plan."""
        name = self.value()
        return queryset.filter(plan=name) if name and name in choices["plan"]() else queryset


@admin.register(User)
class UserAdmin(FrameworkUserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
    """Find, add, correct and suspend people, and look at the product as one of them."""

    form = UserChangeForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    ordering = ("-date_joined",)
    list_display = ("email", "name", "plan", "state", "last_seen", "is_staff", "date_joined")
    list_filter = (StateFilter, PlanFilter, "is_staff", "is_superuser", "date_joined")
    search_fields = ("email", "name", "id", "clerk_id")
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "avatar_url")}),
        ("May", {"fields": POWERS}),
        ("Stands", {"fields": ("state", "plan", "last_seen", "date_joined", "last_login", "clerk_id")}),
    )
    readonly_fields = ("state", "plan", "last_seen", "date_joined", "last_login", "clerk_id")
    add_fieldsets: Any = [  # noqa: RUF012  # the base declares it so
        (None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),
    ]
    actions: Any = ["suspend_people", "restore_people"]  # noqa: RUF012
    actions_detail: ClassVar = ["look", "suspend_one", "restore_one", "close_one"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """People with what staff want to know of them."""
        return people(super().get_queryset(request))

    @display(ordering="state", label={OPEN: "success", SUSPENDED: "warning", CLOSED: "danger"})  # type: ignore[untyped-decorator]
    def state(self, person: Any) -> str:
        """Open, suspended or closed."""
        return str(person.state)

    @display(ordering="plan")  # type: ignore[untyped-decorator]
    def plan(self, person: Any) -> str:
        """The plan somebody is on."""
        return str(person.plan)

    @display(ordering="last_seen", description="last seen")  # type: ignore[untyped-decorator]
    def last_seen(self, person: Any) -> Any:
        """When they last did anything."""
        return person.last_seen

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Powers are for superusers to give."""
        return self.readonly_fields if request.user.is_superuser else (*self.readonly_fields, *POWERS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change people; staff are changed by superusers alone, and a closed account by nobody."""
        if obj is not None and (obj.is_staff or obj.is_superuser) and not request.user.is_superuser:
            return False
        if obj is not None and getattr(obj, "state", OPEN) == CLOSED:
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Suspend people instead: their work, files and receipts hang on them."""
        return False

    def has_suspend_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever has the permission of its own."""
        return request.user.has_perm(SUSPEND)

    def has_close_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever has the permission of its own; nobody can undo it."""
        return request.user.has_perm(CLOSE)

    def has_look_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever has the permission of its own."""
        return request.user.has_perm(services.PERMISSION)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save, and record who did it."""
        super().save_model(request, obj, form, change)
        if not change or "email" in form.changed_data:
            trust_address(obj)
        if change and "email" in form.changed_data:
            notify(obj, "accounts.security", "Our staff changed your e-mail address", body=NOT_YOU, mail=True)
            context = {"from_email": form.initial["email"], "to_email": obj.email}
            adapter = get_adapter(request)
            adapter.send_notification_mail("account/email/email_changed", obj, context, email=form.initial["email"])
        record(request.user, "accounts.user_saved", obj, changed=form.changed_data)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Set a password, and record who did it."""
        with transaction.atomic():
            person = self._person(request, id)
            response: HttpResponse = super().user_change_password(request, id, form_url)
            if User.objects.filter(pk=person.pk).exclude(password=person.password).exists():
                record(request.user, "accounts.password_set", person)
                notify(person, "accounts.security", "Our staff set a new password for you", body=NOT_YOU, mail=True)
        return response

    @action(description="Look as this person", url_path="look", permissions=["look"])  # type: ignore[untyped-decorator]
    def look(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """Ask why, then begin a look."""
        person = self._person(request, object_id)

        def begin(reason: str) -> HttpResponse:
            response = redirect("overview")
            browser.begin(request, response, services.start(request.user, person, reason))  # type: ignore[arg-type]
            return response

        return ask(self, request, [person], "Look as this person", LOOK, begin)

    @action(description="Suspend", url_path="suspend", permissions=["suspend"])  # type: ignore[untyped-decorator]
    def suspend_one(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """Ask why, then suspend."""
        return self._each(request, [self._person(request, object_id)], "Suspend", SHUT, suspend, "is suspended")

    @action(description="Restore", url_path="restore", permissions=["suspend"])  # type: ignore[untyped-decorator]
    def restore_one(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """Ask why, then restore."""
        return self._each(request, [self._person(request, object_id)], "Restore", OPENED, restore, "is open again")

    @action(description="Close for good", url_path="close", permissions=["close"])  # type: ignore[untyped-decorator]
    def close_one(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """Ask why, then close the account."""
        person = self._person(request, object_id)
        return self._each(request, [person], "Close the account for good", GONE, close_for, "is being closed")

    @admin.action(description="Suspend the chosen people", permissions=["suspend"])
    def suspend_people(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        """Ask why, then suspend each."""
        return self._each(request, list(chosen), "Suspend", SHUT, suspend, "is suspended")

    @admin.action(description="Restore the chosen people", permissions=["suspend"])
    def restore_people(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        """Ask why, then restore each."""
        return self._each(request, list(chosen), "Restore", OPENED, restore, "is open again")

    def _person(self, request: HttpRequest, object_id: str) -> User:
        person: User | None = self.get_object(request, object_id)
        if person is None:
            raise NotFound
        return person

    def _each(
        self, request: HttpRequest, chosen: list[User], title: str, text: str, do: Any, done_words: str
    ) -> HttpResponse | None:
        def done(reason: str) -> HttpResponse:
            for person in chosen:
                try:
                    do(request.user, person, reason)
                except DomainError as error:
                    if error.status == 400:
                        raise
                    self.message_user(request, f"{person.email}: {error.message}", messages.WARNING)
                else:
                    self.message_user(request, f"{person.email} {done_words}.")
            if "action" in request.POST:
                return redirect(request.get_full_path())
            return redirect("admin:accounts_user_change", chosen[0].pk)

        return ask(self, request, chosen, title, text, done)
