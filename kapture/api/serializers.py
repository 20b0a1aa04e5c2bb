"""Serializers whose wire names are camelCase while Python stays in snake_case."""

from itertools import islice
from typing import Any

from rest_framework import serializers

# An answer names the first unknown fields; a body of nothing else must not be answered with one as large.
MOST_NAMED = 20


def camel(name: str) -> str:
    """`min_views` -> `minViews`."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


class _Camel:
    """Renames fields, so that schema, errors and bodies agree and free JSON inside a field stays untouched."""

    def get_fields(self) -> dict[str, Any]:
        """The declared fields under their wire names, each reading from its Python name."""
        fields: dict[str, Any] = super().get_fields()  # type: ignore[misc]
        for name, field in list(fields.items()):
            wire = camel(name)
            if wire == name:
                continue
            if field.source is None:
                if isinstance(field, serializers.SerializerMethodField):
                    field.method_name = field.method_name or f"get_{name}"
                else:
                    field.source = name
            fields[wire] = fields.pop(name)
        return fields


class StrictMixin:
    """Refuses fields it does not know, so that a misspelt one is not silently ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """Python values by Python names."""
        if isinstance(data, dict):
            unknown = (key for key in data if key not in self.fields)  # type: ignore[attr-defined]
            if errors := {key: ["Unknown field."] for key in islice(unknown, MOST_NAMED)}:
                raise serializers.ValidationError(errors)
        return super().to_internal_value(data)  # type: ignore[misc]


class CamelSerializer(_Camel, StrictMixin, serializers.Serializer[Any]):
    """A plain serializer in camelCase."""


class CamelModelSerializer(_Camel, StrictMixin, serializers.ModelSerializer[Any]):
    """A model serializer in camelCase; list its fields one by one."""
