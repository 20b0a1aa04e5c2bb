"""Rows of a table as an export holds them."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet

from accounts.exporting.register import register
from kapture.api.serializers import camel

CHUNK = 1_000
# A cursor that outlives its statement is filled at once, however many rows it has.
PATIENCE = "10min"


def register_table(name: str, model: type[Model], by: str, *, about: str, without: Collection[str] = ()) -> None:
    """Add the rows of a model that lead to the person by a path such as `owner`, with all but some columns."""
    register(name, lambda user: table(model._base_manager.filter(**{by: user.pk}), without=without), about=about)


def table(rows: QuerySet[Any], *, without: Collection[str] = ()) -> Iterator[dict[str, Any]]:
    """Each row with all its columns, in the order of their ids, but for those named and those that are computed."""
    fields = [field for field in rows.model._meta.concrete_fields if not field.generated and field.name not in without]
    names = {field.attname: camel(field.attname) for field in fields}
    plain = rows.order_by("pk").values_list(*names)
    for row in plain.iterator(chunk_size=CHUNK):
        yield dict(zip(names.values(), row, strict=True))


@contextmanager
def patience() -> Iterator[None]:
    """Let statements of this connection take longer than a request's may."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [PATIENCE])
        try:
            yield
        finally:
            cursor.execute("RESET statement_timeout")
