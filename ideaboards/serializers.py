"""Boards and generations on the wire."""

from typing import Any, ClassVar

from rest_framework import serializers

from ideaboards import specs
from ideaboards.models import COLOURS, BoardSource, BoardVersion, Generation, Ideaboard
from kapture.api.serializers import CamelModelSerializer, CamelSerializer


class TreeField(serializers.JSONField):
    """A document tree; the services check it."""


class SourceSerializer(CamelModelSerializer):
    """A captured post under its number; `trendId` is null once the trend is deleted."""

    trend_id = serializers.UUIDField(allow_null=True)

    class Meta:
        model = BoardSource
        fields: ClassVar = ["n", "key", "trend_id", "title"]


class BoardSerializer(CamelModelSerializer):
    """A board in a list."""

    excerpt = serializers.CharField()
    ideas = serializers.IntegerField()
    source_count = serializers.IntegerField()

    class Meta:
        model = Ideaboard
        fields: ClassVar = [
            "id", "title", "description", "state", "colour", "tags", "excerpt", "ideas", "source_count", "version",
            "created_at", "edited_at",
        ]  # fmt: skip


class BoardDetailSerializer(BoardSerializer):
    """A whole board."""

    body = TreeField()
    text = serializers.CharField(source="body_text")
    sources = SourceSerializer(many=True)

    class Meta(BoardSerializer.Meta):
        fields: ClassVar = [*BoardSerializer.Meta.fields, "body", "text", "sources"]


class BoardInputSerializer(CamelSerializer):
    """Fields of a board to write."""

    title = serializers.CharField(required=False, max_length=specs.TITLE)
    description = serializers.CharField(required=False, allow_blank=True, max_length=specs.DESCRIPTION)
    body = serializers.DictField(required=False, help_text="A document tree: {type: doc, content: […]}.")
    state = serializers.ChoiceField(required=False, choices=Ideaboard.State.choices)
    colour = serializers.ChoiceField(required=False, choices=COLOURS)
    tags = serializers.ListField(
        required=False, child=serializers.CharField(max_length=specs.MAX_TAG), max_length=specs.MAX_TAGS
    )


class NewBoardSerializer(BoardInputSerializer):
    """A board to make."""

    title = serializers.CharField(max_length=specs.TITLE)


class BoardPatchSerializer(BoardInputSerializer):
    """Changes to a board; a new body names the version it was made from."""

    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


class BoardPutSerializer(BoardPatchSerializer):
    """A whole board in place of the present one."""

    title = serializers.CharField(max_length=specs.TITLE)
    body = serializers.DictField(help_text="A document tree: {type: doc, content: […]}.")
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class VersionSerializer(CamelModelSerializer):
    """An entry of a board's history."""

    class Meta:
        model = BoardVersion
        fields: ClassVar = ["number", "reason", "title", "words", "created_at", "updated_at"]


class LineSerializer(CamelSerializer):
    """A written line; `supported` says whether the quote really stands in the source."""

    text = serializers.CharField()
    section = serializers.CharField(allow_blank=True)
    n = serializers.IntegerField(allow_null=True)
    trend_id = serializers.UUIDField(source="trend", allow_null=True)
    quote = serializers.CharField(allow_blank=True)
    supported = serializers.BooleanField()


class GenerationSerializer(CamelModelSerializer):
    """One generation; the cost is in millionths of a US dollar, null when the price is not known."""

    type = serializers.ChoiceField(source="kind", choices=Generation.Kind.choices)
    ideaboard_id = serializers.UUIDField(source="board_id", allow_null=True)
    lines = LineSerializer(many=True)
    error = serializers.SerializerMethodField()

    class Meta:
        model = Generation
        fields: ClassVar = [
            "id", "type", "state", "ideaboard_id", "prompt", "title", "lines", "text", "shortened", "model",
            "tokens_in", "tokens_out", "tokens_estimated", "cost_micro_usd", "error", "created_at", "finished_at",
        ]  # fmt: skip

    def get_error(self, generation: Generation) -> dict[str, str] | None:
        """Null unless it failed."""
        if not generation.error_code:
            return None
        return {"code": generation.error_code, "message": generation.error_message}


class WritingSerializer(CamelSerializer):
    """Common fields of an order for text."""

    trend_ids = serializers.ListField(required=False, child=serializers.UUIDField(), max_length=specs.MAX_SOURCES)
    tone = serializers.CharField(required=False, allow_blank=True, max_length=specs.SHORT)
    audience = serializers.CharField(required=False, allow_blank=True, max_length=specs.SHORT)
    language = serializers.CharField(required=False, allow_blank=True, max_length=specs.SHORT)

    def to_spec(self, kind: Generation.Kind) -> specs.WritingSpec:
        """The checked order."""
        values: dict[str, Any] = dict(self.validated_data)
        values.pop("type", None)
        if "topic" in values:
            values["prompt"] = values.pop("topic")
        values["trend_ids"] = tuple(dict.fromkeys(values.get("trend_ids", ())))
        return specs.WritingSpec(kind, **values)


class GenerateSerializer(WritingSerializer):
    """An order for lines of one type."""

    type = serializers.ChoiceField(choices=specs.LINE_KINDS)
    prompt = serializers.CharField(required=False, allow_blank=True, max_length=specs.MAX_PROMPT)
    ideaboard_id = serializers.UUIDField(required=False, source="board_id")
    count = serializers.IntegerField(required=False, min_value=1, max_value=specs.MAX_COUNT)


class DraftSerializer(WritingSerializer):
    """An order for a whole board."""

    topic = serializers.CharField(required=False, allow_blank=True, max_length=specs.MAX_PROMPT)
