"""One row of everything that can belong to somebody, with a mark in every text: what keeps the mark keeps the person.

Rows are made from the models themselves, so that a model or a column of tomorrow is planted without being named here.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.postgres.fields import ArrayField
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, models
from django.utils import timezone

from accounts.models import Closing, Impersonation, User
from billing.models import Checkout, Invoice, Plan, Reservation, UsagePeriod
from billing.queries import month
from kapture.audit.models import AuditEvent
from kapture.core.ids import new_id
from kapture.inbox.models import WebhookEvent
from kapture.jobs.models import Job
from kapture.objects.models import StoredObject

Column = tuple[str, str]
TEXTS = ("text", "varchar", "jsonb", "json", "_text", "_varchar")
# Columns of people's rows that hold words of the product, ids of a vendor or of rows, or figures, never what a person
# typed; those with choices need not be named.
OURS: dict[type[models.Model], set[str]] = {
    AuditEvent: {"action", "subject_type", "subject_id"},
    UsagePeriod: {"source_id"},
    Reservation: {"reason"},
    Invoice: {"stripe_id", "number", "status", "currency"},
    Closing: {"reason"},
    LogEntry: {"object_id"},
    User: {"password"},
    WebhookEvent: {"provider", "event_id", "kind"},
}
# Tables in which nobody is.
NOBODYS = (
    "django_migrations", "django_content_type", "auth_permission", "auth_group", "billing_plan", "billing_topuppack",
    "accounts_closedidentity", "django_celery_beat_",
)  # fmt: skip
# Session data is packed, so no text of it can be looked for: that there is no session is looked for instead.
PACKED = {("django_session", "session_data"), ("django_session", "session_key")}


def owned() -> list[type[models.Model]]:
    """Models from whose rows a path of references leads to a user, in the order in which they can be made."""
    found: list[type[models.Model]] = [User]
    left = [model for model in apps.get_models() if model is not User]
    while ready := [model for model in left if any(target in found for _, target in references(model))]:
        found += ready
        left = [model for model in left if model not in ready]
    return [model for model in found if model not in (User, Closing)]


def references(model: type[models.Model]) -> Iterator[tuple[Any, type[models.Model]]]:
    """The foreign keys of a model with what they lead to."""
    for field in model._meta.concrete_fields:
        if field.remote_field:
            yield field, field.remote_field.model


class Planter:
    """Makes the rows of one person, each text with their mark in it."""

    def __init__(self, user: User, staff: User, mark: str) -> None:
        self.user, self.staff, self.mark = user, staff, mark
        self.rows: dict[type[models.Model], Any] = {}
        self.count = 0

    def plant(self) -> None:
        """One row of every model, and the person's own."""
        User.objects.filter(pk=self.user.pk).update(
            name=self.text(150),
            avatar_url=self.text(600),
            clerk_id=self.text(255),
            email=f"{self.mark}-{self.user.email}",
        )
        self.user.refresh_from_db()
        for model in owned():
            self.one(model)
        self.event("clerk", self.user.clerk_id or "")
        AuditEvent.objects.create(
            actor=self.staff,
            action="billing.granted",
            subject_type="downloads.download",
            subject_id=str(self.rows[apps.get_model("downloads.Download")].pk),
            data={"why": self.mark},
        )

    def event(self, provider: str, ident: str, state: str = "applied") -> WebhookEvent:
        """An event that names the person by a vendor's id."""
        self.count += 1
        payload = {"type": "user.updated", "data": {"id": ident, "emails": [{"address": self.mark}]}}
        applied = timezone.now() if state == "applied" else None
        return WebhookEvent.objects.create(
            provider=provider, event_id=f"e{self.count}-{new_id()}", kind="user.updated", payload=payload, state=state,
            applied_at=applied,
        )  # fmt: skip

    def one(self, model: type[models.Model]) -> Any:
        """A row of a model; asked again, the same."""
        if model not in self.rows:
            self.rows[model] = self.make(model)
        return self.rows[model]

    def make(self, model: type[models.Model]) -> Any:
        """A new row."""
        values = {field.name: self.value(model, field) for field in model._meta.concrete_fields if self.is_set(field)}
        row = model(**{**values, **self.special(model)})
        row.save(force_insert=True)
        return row

    def is_set(self, field: Any) -> bool:
        """Whether a value is given for a field; ids and computed columns come by themselves."""
        is_own_id = field.primary_key and not field.remote_field
        return not (is_own_id or field.generated or getattr(field, "auto_now", False) or is_added(field))

    def value(self, model: type[models.Model], field: Any) -> Any:
        """Something of the field's type, with the mark in it if it is a text."""
        if field.remote_field:
            return self.referred(model, field)
        if field.choices:
            return field.choices[0][0]
        if field.name in OURS.get(model, ()):
            return f"{self.user.pk}-{self.text(5)}"[: field.max_length].replace(self.mark, "x")
        if isinstance(field, ArrayField):
            return [self.value(model, field.base_field)]
        if isinstance(field, models.JSONField):
            return {self.text(20): [self.mark, {"deep": self.mark}]}
        if isinstance(field, models.CharField | models.TextField):
            return self.text(field.max_length or 200)
        return plain_value(field)

    def referred(self, model: type[models.Model], field: Any) -> Any:
        """What a foreign key leads to: the person, something of theirs, or something of nobody's."""
        target = field.remote_field.model
        if target is model:
            # A clip of a download: what it would lead to is the row that is just being made.
            return None
        if target is User:
            return self.staff if (model, field.name) == (Impersonation, "staff") or model is LogEntry else self.user
        if target in owned():
            return self.make(target) if field.one_to_one or field.unique else self.one(target)
        return target._default_manager.first()

    def special(self, model: type[models.Model]) -> dict[str, Any]:
        """What the database demands of a row besides types."""
        if model is Checkout:
            return {"plan": Plan.objects.first(), "pack": None}
        if model is UsagePeriod:
            starts_at, ends_at = month(timezone.now())
            return {"starts_at": starts_at, "ends_at": ends_at, "archived_at": None, "limit": 10, "used": 0}
        if model is Reservation:
            return {"settled": 0, "limit_at_grant": 10, "ended_at": None}
        if model is LogEntry:
            return {"content_type": _content_type(User), "object_id": str(self.user.pk)}
        if model is AuditEvent:
            return {"subject_type": "accounts.user", "subject_id": str(self.user.pk)}
        if model is StoredObject:
            key = f"u/{self.user.pk}/{self.text(40)}.mp4"
            default_storage.save(key, ContentFile(f"film of {self.mark}".encode()))
            return {"key": key, "state": "live", "size": 11}
        if model is Job:
            return {"state": "queued", "deadline_at": timezone.now() + timedelta(hours=1)}
        return {}

    def text(self, longest: int) -> str:
        """A different text each time, as long as the column allows."""
        self.count += 1
        return f"{self.mark}{self.count}"[:longest]


def plain_value(field: Any) -> Any:
    """Something of a type that holds no text."""
    match field:
        case models.BooleanField():
            return field.default is True
        case models.UUIDField():
            return new_id()
        case models.DateTimeField():
            return timezone.now() + timedelta(hours=1)
        case models.DateField():
            return timezone.now().date()
        case models.GenericIPAddressField():
            return "203.0.113.7"
    return 1


def is_added(field: Any) -> bool:
    """Whether the database or the model sets a time by itself."""
    return bool(getattr(field, "auto_now_add", False))


def _content_type(model: type[models.Model]) -> Any:
    return apps.get_model("contenttypes.ContentType").objects.get_for_model(model)


def columns() -> list[Column]:
    """Every text and JSON column of the schema."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND udt_name = ANY(%s)",
            [list(TEXTS)],
        )
        return sorted((table, column) for table, column in cursor.fetchall())


def holding(*words: str) -> set[Column]:
    """The columns in which any of the words occurs."""
    found = set()
    with connection.cursor() as cursor:
        for table, column in columns():
            name, within = connection.ops.quote_name(column), connection.ops.quote_name(table)
            cursor.execute(
                f"SELECT EXISTS (SELECT 1 FROM {within}, unnest(%s::text[]) AS word"
                f" WHERE strpos(lower({name}::text), lower(word)) > 0)",
                [list(words)],
            )
            if cursor.fetchone()[0]:
                found.add((table, column))
    return found


def not_planted(found: set[Column]) -> list[Column]:
    """Text columns without the mark that are not known to hold nobody: new ones, whose rows would be overlooked."""
    known = set(PACKED)
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            choices = getattr(field, "base_field", field).choices
            if choices or field.name in OURS.get(model, ()):
                known.add((model._meta.db_table, field.column))
    return [one for one in columns() if one not in found | known and not one[0].startswith(NOBODYS)]
