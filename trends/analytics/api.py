"""`/api/trends/summary` and `/api/trends/analytics`."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kapture.api.views import ApiView
from kapture.core.choices import Platform
from kapture.gateways.scraping import DateRange
from trends.analytics import serializers
from trends.analytics.leading import Basis
from trends.analytics.reports import Analytics
from trends.analytics.rising import AUTHOR_SORTS, HASHTAG_SORTS, SHOWN, ranked


class _Report(ApiView):
    def analytics(self, wanted: dict[str, Any]) -> Analytics:
        """The caller's reports over the wanted period."""
        platform = Platform(wanted["platform"]) if "platform" in wanted else None
        return Analytics(self.caller, DateRange(wanted["date_range"]), platform, now=timezone.now())


def _covering(found: Analytics, report: Any, **more: Any) -> dict[str, Any]:
    period = {"since": found.period.since, "until": found.period.until}
    return {**period, "considered": report.considered, "cut": report.cut, **more}


class SummaryView(_Report):
    """Figures of what was captured."""

    query_serializer = serializers.PeriodQuerySerializer

    @extend_schema(responses=serializers.SummarySerializer)
    def get(self, request: Request) -> Response:
        """Figures of a period and each platform, hashtag and author in it, compared with the period before."""
        found = self.analytics(self.query())
        summary = found.summary
        rows = {name: getattr(summary, name) for name in ("all", "platforms", "hashtags", "authors")}
        return Response(serializers.SummarySerializer(_covering(found, summary, **rows)).data)


class HashtagsView(_Report):
    """Which hashtags rise."""

    query_serializer = serializers.HashtagQuerySerializer

    @extend_schema(responses=serializers.HashtagsSerializer)
    def get(self, request: Request) -> Response:
        """Hashtags whose share of all posts grew since the period before; `docs/analytics.md` has the formula."""
        wanted = self.query()
        found = self.analytics(wanted)
        ranking = found.ranking
        tags = ranked(ranking.hashtags, HASHTAG_SORTS[wanted["sort"]])[:SHOWN]
        more = {"considered_before": ranking.considered_before, "is_enough": ranking.is_enough, "hashtags": tags}
        return Response(serializers.HashtagsSerializer(_covering(found, ranking, **more)).data)


class AuthorsView(_Report):
    """Who published what was captured."""

    query_serializer = serializers.AuthorQuerySerializer

    @extend_schema(responses=serializers.AuthorsSerializer)
    def get(self, request: Request) -> Response:
        """The authors of a period, compared with the period before."""
        wanted = self.query()
        found = self.analytics(wanted)
        authors = ranked(found.ranking.authors, AUTHOR_SORTS[wanted["sort"]])[:SHOWN]
        return Response(serializers.AuthorsSerializer(_covering(found, found.ranking, authors=authors)).data)


class LeadLagView(_Report):
    """Which platform is first."""

    query_serializer = serializers.LeadQuerySerializer

    @extend_schema(responses=serializers.LeadsSerializer)
    def get(self, request: Request) -> Response:
        """Topics that are new on two platforms or more, which one showed them first, and by how many hours."""
        wanted = self.query()
        found = self.analytics(wanted)
        leads = found.leads(Basis(wanted["by"]))
        names = ("shared", "pairs", "topics", "undated", "older")
        more = {name: getattr(leads, name) for name in names}
        return Response(serializers.LeadsSerializer(_covering(found, leads, by=wanted["by"], **more)).data)
