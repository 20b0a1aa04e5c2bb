"""`/api/ideaboards` and `/api/ai`."""

from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from billing.queries import as_meta, usage_of
from ideaboards import events, queries, services
from ideaboards.models import BoardVersion, Generation, Ideaboard
from ideaboards.serializers import (
    BoardDetailSerializer,
    BoardPatchSerializer,
    BoardPutSerializer,
    BoardSerializer,
    DraftSerializer,
    GenerateSerializer,
    GenerationSerializer,
    NewBoardSerializer,
    VersionSerializer,
    WritingSerializer,
)
from ideaboards.services.generations import Ended
from ideaboards.specs import BoardChanges, WritingSpec
from kapture.api.idempotency import idempotent, idempotent_outside
from kapture.api.serializers import CamelSerializer
from kapture.api.views import ApiMixin, ApiView, OwnedViewSet
from kapture.core.choices import UsageKind
from kapture.jobs.serializers import JobSerializer


class BoardQuerySerializer(CamelSerializer):
    """Filters of the board list."""

    q = serializers.CharField(required=False, max_length=200)
    state = serializers.ChoiceField(required=False, choices=Ideaboard.State.choices)
    tag = serializers.CharField(required=False, max_length=50)
    sort = serializers.ChoiceField(required=False, choices=list(queries.SORTS))


class GenerationQuerySerializer(CamelSerializer):
    """Filters of the list of generations."""

    type = serializers.ChoiceField(required=False, choices=Generation.Kind.choices, source="kind")
    state = serializers.ChoiceField(required=False, choices=Generation.State.choices)
    ideaboard_id = serializers.UUIDField(required=False, source="board_id")


class BoardViewSet(OwnedViewSet):
    """The caller's boards; the list leaves archived ones out unless their state is asked for."""

    serializer_class = BoardSerializer
    query_serializer = BoardQuerySerializer

    def get_queryset(self) -> QuerySet[Ideaboard]:
        """Boards by the filters of the query, or all of them for one board."""
        if self.action == "list":
            return queries.boards(self.request.user, self.wanted())
        rows: QuerySet[Ideaboard] = queries.counted(Ideaboard.objects.for_user(self.request.user))
        return rows.defer("search").prefetch_related("sources")

    def get_ordering(self) -> tuple[str, str]:
        """The order asked for."""
        return self.wanted().ordering

    def wanted(self) -> queries.BoardFilter:
        """The checked filters."""
        return queries.BoardFilter(**self.query())

    @extend_schema(responses=BoardDetailSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """A whole board."""
        return self._whole(pk)

    @extend_schema(request=NewBoardSerializer, responses={201: BoardDetailSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """A new board."""
        board = services.create_board(request.user, changes(self.read(NewBoardSerializer), version=0))
        return self._whole(board.pk, status.HTTP_201_CREATED)

    @extend_schema(request=BoardPatchSerializer, responses=BoardDetailSerializer)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Change some fields; 409 with the present version when `version` is not the present one."""
        services.save_board(request.user, pk, changes(self.read(BoardPatchSerializer)))
        return self._whole(pk)

    @extend_schema(request=BoardPutSerializer, responses=BoardDetailSerializer)
    def update(self, request: Request, pk: UUID) -> Response:
        """Put a whole board in place of the present one; fields left out become empty."""
        whole = {"description": "", "tags": [], **self.read(BoardPutSerializer)}
        services.save_board(request.user, pk, changes(whole))
        return self._whole(pk)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Remove a board with its history."""
        services.delete_board(request.user, pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _whole(self, pk: UUID, code: int = status.HTTP_200_OK) -> Response:
        return Response(BoardDetailSerializer(self.fetch(pk)).data, status=code)


class VersionViewSet(OwnedViewSet):
    """The history of one board."""

    serializer_class = VersionSerializer
    ordering = ("-number", "-id")

    def get_queryset(self) -> QuerySet[BoardVersion]:
        """Versions of the caller's board."""
        return queries.versions(Ideaboard.objects.fetch(self.request.user, self.kwargs["board"]))

    @extend_schema(responses=VersionSerializer(many=True))
    def versions(self, request: Request, board: UUID) -> Response:
        """Versions, newest first."""
        return self.list(request)


class GenerationViewSet(OwnedViewSet):
    """What was written for the caller."""

    serializer_class = GenerationSerializer
    query_serializer = GenerationQuerySerializer

    def get_queryset(self) -> QuerySet[Generation]:
        """Generations, filtered when they are listed."""
        rows = Generation.objects.for_user(self.request.user)
        return rows.filter(**self.query()) if self.action == "list" else rows


class PaidMixin(ApiMixin):
    """Tells in `meta.usage` what is left after an order."""

    def order(self, serializer: type[WritingSerializer], kind: Generation.Kind | None = None) -> WritingSpec:
        """The checked order of the body."""
        reader = serializer(data=self.request.data, context={"request": self.request})
        reader.is_valid(raise_exception=True)
        return reader.to_spec(kind or Generation.Kind(reader.validated_data["type"]))

    def tell_usage(self) -> None:
        """Put the standing into `meta`."""
        self.meta["usage"] = as_meta(usage_of(self.caller, UsageKind.AI_GENERATION, timezone.now()))


class GenerateView(PaidMixin, ApiView):
    """Lines of text for a topic, for trends or for a board."""

    @extend_schema(
        request=GenerateSerializer,
        responses={
            201: GenerationSerializer,
            (200, "text/event-stream"): OpenApiResponse(
                str, description="With `Accept: text/event-stream`: events start, text, line, then done or error."
            ),
        },
    )
    @idempotent_outside
    def post(self, request: Request) -> Response:
        """Write now; costs one AI generation, nothing when the provider fails."""
        spec = self.order(GenerateSerializer)
        if "text/event-stream" in request.headers.get("Accept", ""):
            return self._stream(spec)
        generation = services.generate(request.user, spec)
        self.tell_usage()
        return Response(GenerationSerializer(generation).data, status=status.HTTP_201_CREATED)

    def _stream(self, spec: WritingSpec) -> Response:
        order = services.begin(self.caller, spec)
        rest = services.stream(order)
        # A provider that refuses at once is told as an ordinary refusal, with its status.
        first = next(rest)
        if isinstance(first, Ended) and first.error is not None:
            raise first.error
        return cast("Response", events.response(order, first, rest))


class DraftView(PaidMixin, ApiView):
    """Whole boards."""

    @extend_schema(request=DraftSerializer, responses={202: JobSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Draft a board in the background; its id is in the job's result."""
        job = services.request_board_draft(request.user, self.order(DraftSerializer, Generation.Kind.IDEABOARD))
        self.tell_usage()
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


def changes(values: dict[str, Any], version: int | None = None) -> BoardChanges:
    """Checked values as changes."""
    found = {"version": version, **values}
    if "tags" in found:
        found["tags"] = tuple(found["tags"])
    if "state" in found:
        found["state"] = Ideaboard.State(found["state"])
    return BoardChanges(**found)
