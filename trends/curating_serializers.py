"""Tags, categories, saved views and changes of many trends on the wire."""

from typing import Any, ClassVar

from django.http import QueryDict
from rest_framework import serializers

from kapture.api.serializers import CamelModelSerializer, CamelSerializer
from trends.forms import FilterForm, saved_query
from trends.keeping import MAX_AT_ONCE
from trends.labels import MAX_NAME, MAX_TAG, MAX_TAGS
from trends.models import Category, SavedView
from trends.serializers import TrendQuerySerializer

ACTIONS = ("delete", "tag", "untag", "category")
FORMATS = ("csv", "json")


class TrendsBulkSerializer(CamelSerializer):
    """Something to do with up to 100 trends; ids of others are passed over."""

    ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MAX_AT_ONCE)
    action = serializers.ChoiceField(choices=ACTIONS)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=MAX_TAG + 1),
        min_length=1,
        max_length=MAX_TAGS,
        required=False,
        help_text="What `tag` adds and `untag` takes away.",
    )
    category = serializers.CharField(
        max_length=MAX_NAME,
        required=False,
        allow_blank=True,
        help_text="The name that `category` moves to, made when there is none; empty takes the trends off their shelf.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What an action needs must be there."""
        needed = {"tag": "tags", "untag": "tags", "category": "category"}.get(attrs["action"])
        if needed and needed not in attrs:
            raise serializers.ValidationError({needed: [f"The action {attrs['action']} needs it."]})
        return attrs


class ChangedSerializer(CamelSerializer):
    """How many trends changed, and the change to undo; null when none did."""

    changed = serializers.IntegerField()
    change_id = serializers.UUIDField(allow_null=True)


class UndoneSerializer(CamelSerializer):
    """How many trends were taken back; none when that was done already."""

    changed = serializers.IntegerField()


class TagSerializer(CamelSerializer):
    """A tag in use."""

    name = serializers.CharField()
    trends = serializers.IntegerField()


class NameSerializer(CamelSerializer):
    """The name of a category."""

    name = serializers.CharField(max_length=MAX_NAME)


class CategorySerializer(CamelModelSerializer):
    """A category, and how many trends stand on it."""

    trends = serializers.IntegerField(read_only=True)

    class Meta:
        model = Category
        fields: ClassVar = ["id", "name", "trends", "created_at"]
        read_only_fields = fields


class ViewSerializer(CamelModelSerializer):
    """A filter under a name; `query` is that of the page's address."""

    class Meta:
        model = SavedView
        fields: ClassVar = ["id", "name", "query", "created_at"]
        read_only_fields = fields


class SaveViewSerializer(CamelSerializer):
    """A filter to keep; a view of the same name takes it."""

    name = serializers.CharField(max_length=MAX_NAME)
    query = serializers.CharField(
        max_length=2_000,
        allow_blank=True,
        help_text="As in the page's address: platform, q, period, type, reach, hashtag, author, tag, category, sort …",
    )

    def validate_query(self, value: str) -> str:
        """The query in one spelling; unknown names and values are refused by name."""
        given = QueryDict(value.lstrip("?"))
        form = FilterForm(given)
        wrong = [name for name in given if name not in form.fields] or list(form.errors)
        if wrong:
            raise serializers.ValidationError(f"“{wrong[0][:40]}” is no filter, or not of this value.")
        return saved_query(given)


class ExportQuerySerializer(TrendQuerySerializer):
    """Filters of the list, and the format of the file."""

    format = serializers.ChoiceField(choices=FORMATS, required=False, default="csv")
