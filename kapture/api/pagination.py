"""`page`, `limit` and `cursor` for DRF views."""

from typing import Any

from rest_framework.pagination import BasePagination
from rest_framework.response import Response

from kapture.core.paging import Page, PageRequest, paginate

PARAMETERS = [
    {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1, "default": 1}},
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}},
    {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "`nextCursor` of the page before."},
]


def as_meta(page: Page) -> dict[str, Any]:
    """`meta.pagination` of a page."""
    return {
        "page": page.number,
        "limit": page.limit,
        "total": page.total,
        "totalIsExact": page.exact,
        "totalPages": page.total_pages,
        "nextCursor": page.next_cursor,
    }


class Pagination(BasePagination):
    """Cuts a queryset by its view's `ordering` and leaves `meta.pagination` on the view."""

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        """The rows of the wanted page."""
        page = paginate(queryset, view.get_ordering(), PageRequest.read(request.query_params), view.get_total(queryset))
        view.meta["pagination"] = as_meta(page)
        return list(page.rows)

    def get_paginated_response(self, data: Any) -> Response:
        """The bare list; the envelope carries the rest."""
        return Response(data)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The list itself."""
        return schema

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The three query parameters."""
        return [dict(parameter) for parameter in PARAMETERS]
