"""`/api/trends/bulk`, `changes`, `tags`, `categories`, `views` and `export`: how somebody keeps their trends."""

from typing import Any, ClassVar, cast
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from kapture.api.idempotency import idempotent
from kapture.api.views import ApiView
from trends import keeping, kept, queries, shelves
from trends.api import filter_of
from trends.curating_serializers import (
    CategorySerializer,
    ChangedSerializer,
    ExportQuerySerializer,
    NameSerializer,
    SaveViewSerializer,
    TagSerializer,
    TrendsBulkSerializer,
    UndoneSerializer,
    ViewSerializer,
)
from trends.exporting_rows import as_file
from trends.models import Category, Change
from trends.serializers import TrendDetailSerializer


class BulkView(ApiView):
    """Doing one thing to many trends."""

    @extend_schema(request=TrendsBulkSerializer, responses=ChangedSerializer)
    @idempotent
    def post(self, request: Request) -> Response:
        """Delete, tag, untag or move up to 100 trends, all or none; each change can be undone for 30 days."""
        change = _do(request.user, self.read(TrendsBulkSerializer))
        changed = {"changed": len(change.before) if change else 0, "change_id": change.pk if change else None}
        return Response(ChangedSerializer(changed).data)


def _do(user: Any, wanted: dict[str, Any]) -> Change | None:
    ids = wanted["ids"]
    match wanted["action"]:
        case "delete":
            return keeping.delete_trends(user, ids)
        case "tag":
            return keeping.tag_trends(user, ids, add=wanted["tags"])
        case "untag":
            return keeping.tag_trends(user, ids, remove=wanted["tags"])
    return keeping.move_trends(user, ids, wanted["category"])


class UndoView(ApiView):
    """Taking a change back."""

    @extend_schema(request=None, responses=UndoneSerializer)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Take back a change; trends that were changed again since then stay as they are."""
        return Response(UndoneSerializer({"changed": keeping.undo(request.user, pk)}).data)


class TagsView(ApiView):
    """Tags in use."""

    @extend_schema(responses=TagSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The tags by alphabet, counted over the last 1,000 trends that carry one."""
        return Response(TagSerializer(kept.tags(request.user), many=True).data)


class CategoriesView(ApiView):
    """The shelves of a user."""

    @extend_schema(responses=CategorySerializer(many=True))
    def get(self, request: Request) -> Response:
        """All categories by alphabet; there are at most 100."""
        return Response(CategorySerializer(kept.counted(kept.categories(request.user)), many=True).data)

    @extend_schema(request=NameSerializer, responses={201: CategorySerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Make an empty category."""
        category = shelves.add_category(request.user, self.read(NameSerializer)["name"])
        return Response(_one(request.user, category), status=status.HTTP_201_CREATED)


class CategoryView(ApiView):
    """One shelf."""

    @extend_schema(request=NameSerializer, responses=CategorySerializer)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Rename a category."""
        category = shelves.rename_category(request.user, pk, self.read(NameSerializer)["name"])
        return Response(_one(request.user, category))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete a category; its trends stay, on no shelf."""
        shelves.drop_category(request.user, pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _one(user: Any, category: Category) -> dict[str, Any]:
    return dict(CategorySerializer(kept.counted(kept.categories(user)).get(pk=category.pk)).data)


class ViewsView(ApiView):
    """Saved filters."""

    @extend_schema(responses=ViewSerializer(many=True))
    def get(self, request: Request) -> Response:
        """All saved views, oldest first; there are at most 50."""
        return Response(ViewSerializer(kept.views(request.user), many=True).data)

    @extend_schema(request=SaveViewSerializer, responses={201: ViewSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Keep a filter under a name; a view of the same name takes it."""
        wanted = self.read(SaveViewSerializer)
        view = shelves.save_view(request.user, wanted["name"], wanted["query"])
        return Response(ViewSerializer(view).data, status=status.HTTP_201_CREATED)


class ViewView(ApiView):
    """One saved filter."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Forget a saved view."""
        shelves.drop_view(request.user, pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ExportView(ApiView):
    """What was captured, as a file; each takes a connection for as long as it is read, so few may be asked for."""

    rate: ClassVar[str] = "6/minute"
    query_serializer = ExportQuerySerializer

    @extend_schema(responses={200: TrendDetailSerializer(many=True), (200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request) -> Response:
        """All trends that fulfil every filter, in the wanted order: a CSV file, or JSON as in the list."""
        wanted = self.query()
        rows = queries.trends(request.user, filter_of(wanted)).order_by(*queries.SORTS[wanted["sort"]])
        return cast("Response", as_file(rows, wanted["format"], enveloped=True))
