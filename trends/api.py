"""`/api/trends`."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Left
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from billing.queries import as_meta, usage_of
from kapture.api.idempotency import idempotent
from kapture.api.views import ApiView, OwnedViewSet
from kapture.core.choices import Platform, UsageKind
from kapture.core.errors import NotFound
from kapture.gateways.scraping import DateRange
from kapture.jobs.serializers import JobSerializer
from trends import keeping, queries, services
from trends.models import Scrape, Trend
from trends.queries import SORTS, TrendFilter
from trends.serializers import (
    COLUMNS,
    EXCERPT,
    BulkScrapeRequestSerializer,
    ScrapeRequestSerializer,
    SnapshotSerializer,
    TrendDetailSerializer,
    TrendQuerySerializer,
    TrendSerializer,
    as_wire,
)


class TrendViewSet(OwnedViewSet):
    """Captured posts, last looked at first unless sorted otherwise."""

    serializer_class = TrendSerializer
    query_serializer = TrendQuerySerializer

    def get_queryset(self) -> QuerySet[Trend]:
        """The caller's trends."""
        rows: QuerySet[Trend] = Trend.objects.for_user(self.request.user)
        return rows

    def get_ordering(self) -> Sequence[str]:
        """The columns of the wanted sort."""
        return SORTS[self.wanted["sort"]]

    def get_total(self, queryset: Any) -> tuple[int, bool]:
        """From the kept totals where they know it."""
        return queries.total(self.request.user, self.filter, queryset)

    def list(self, request: Request) -> Response:
        """Trends that fulfil every filter."""
        self.wanted = self.query()
        self.filter = filter_of(self.wanted)
        found = queries.trends(request.user, self.filter).defer(None)
        page = self.paginate_queryset(found.values(*COLUMNS, excerpt=Left("text", EXCERPT)))
        return Response([as_wire(row) for row in page or ()])

    @extend_schema(responses=TrendDetailSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """One trend with its whole text."""
        row = self.get_queryset().defer(None).filter(pk=pk).values(*COLUMNS, "text").first()
        if row is None:
            raise NotFound
        return Response(as_wire({**row, "excerpt": row["text"][:EXCERPT]}, text=row["text"]))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Put a trend into the trash, which is emptied after 30 days; to undo a deletion, ask for it with `bulk`."""
        if keeping.delete_trends(request.user, [pk]) is None:
            raise NotFound
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=SnapshotSerializer(many=True))
    def history(self, request: Request, pk: UUID) -> Response:
        """The measurements of one trend, oldest first; the latest 500."""
        return Response(SnapshotSerializer(queries.history(self.fetch(pk)), many=True).data)


def filter_of(wanted: dict[str, Any]) -> TrendFilter:
    """The filter of a checked query."""
    return TrendFilter(
        platforms=wanted.get("platform", ()),
        content_type=wanted.get("content_type", ""),
        q=wanted.get("q", ""),
        hashtag=wanted.get("hashtag", ""),
        author=wanted.get("author", ""),
        min_views=wanted.get("min_views"),
        date_range=DateRange(wanted["date_range"]) if "date_range" in wanted else None,
        language=wanted.get("language", ""),
        tag=wanted.get("tag", ""),
        category=wanted.get("category"),
        watch=wanted.get("watch"),
        scrape=wanted.get("scrape_id"),
    )


class _Scrapes(ApiView):
    def accepted(self, scrapes: list[Scrape]) -> list[dict[str, Any]]:
        """The jobs of accepted scrapes; what is left goes into `meta.usage`."""
        self.meta["usage"] = as_meta(usage_of(self.caller, UsageKind.SCRAPE, timezone.now()))
        return [dict(JobSerializer(scrape.job).data) for scrape in scrapes]


class ScrapeView(_Scrapes):
    """Asking for a scrape."""

    @extend_schema(request=ScrapeRequestSerializer, responses={202: JobSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Search one platform; costs one scrape unit, which is given back when the search fails."""
        body = ScrapeRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        scrape = services.request_scrape(request.user, body.spec(Platform(body.validated_data["platform"])))
        return Response(self.accepted([scrape])[0], status=status.HTTP_202_ACCEPTED)


class BulkScrapeView(_Scrapes):
    """Asking for several scrapes."""

    @extend_schema(request=BulkScrapeRequestSerializer, responses={202: JobSerializer(many=True)})
    @idempotent
    def post(self, request: Request) -> Response:
        """Search several platforms at once; one unit for each, and none when the quota does not hold all of them."""
        body = BulkScrapeRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        platforms = [Platform(name) for name in body.validated_data["platforms"]]
        scrapes = services.request_bulk_scrape(request.user, body.spec(platforms[0]), platforms)
        return Response(self.accepted(scrapes), status=status.HTTP_202_ACCEPTED)
