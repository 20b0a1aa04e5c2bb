"""`/api/library`."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kapture.api.pagination import PARAMETERS, as_meta
from kapture.api.views import ApiView
from kapture.core.paging import PageRequest
from library.listing import Listing
from library.queries import browse
from library.serializers import (
    BrowseQuerySerializer,
    FoundItemSerializer,
    ItemSerializer,
    SearchQuerySerializer,
    facets_data,
    found_data,
    item_data,
    search_meta,
)
from library.specs import LibraryQuery

_DECLARED: list[dict[str, Any]] = PARAMETERS
PAGES = [OpenApiParameter(one["name"], one["schema"], description=one.get("description", "")) for one in _DECLARED]


class _View(ApiView):
    """What both endpoints share."""

    def listing(self) -> Listing:
        """The asked page; leaves `pagination` and `facets` in `meta`."""
        given = self.query()
        query = LibraryQuery.read(
            q=given.get("q", ""),
            kind=given.get("type", ""),
            platforms=[name.strip() for name in given.get("platform", "").split(",")],
            sort=given.get("sort", ""),
        )
        found = browse(self.request.user, query, PageRequest.read(self.request.query_params))
        self.meta |= {"pagination": as_meta(found.page), "facets": facets_data(found.facets, query)}
        return found


class LibraryView(_View):
    """Everything of the caller, newest first."""

    query_serializer: ClassVar = BrowseQuerySerializer

    @extend_schema(operation_id="library_list", parameters=PAGES, responses=ItemSerializer(many=True))
    def get(self, request: Request) -> Response:
        """A page of items."""
        data: list[dict[str, Any]] = [item_data(item) for item in self.listing().page.rows]
        return Response(data)


class SearchView(_View):
    """What the caller has that matches a text."""

    query_serializer: ClassVar = SearchQuerySerializer

    @extend_schema(operation_id="library_search", parameters=PAGES, responses=FoundItemSerializer(many=True))
    def get(self, request: Request) -> Response:
        """A page of items with their hits; by match unless `sort` says otherwise."""
        found = self.listing()
        self.meta["search"] = search_meta(found)
        return Response([found_data(item) for item in found.page.rows])
