"""`/api/downloads`."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from billing.queries import as_meta, usage_of
from downloads import looking, planning, previews, services
from downloads.models import Download
from downloads.plan_serializers import DownloadPlanSerializer, as_plan
from downloads.preview_serializers import PreviewRequestSerializer, PreviewSerializer, as_answer
from downloads.queries import ORDERING, download_of, downloads_of
from downloads.serializers import (
    AcceptedSerializer,
    BulkAnswerSerializer,
    BulkSerializer,
    DownloadDetailSerializer,
    DownloadSerializer,
    QuerySerializer,
    RequestSerializer,
    as_query,
    as_spec,
)
from downloads.specs import DownloadSpec, distinct
from downloads.trash import trash_download
from kapture.api.idempotency import idempotent
from kapture.api.views import OwnedViewSet
from kapture.core.choices import UsageKind
from kapture.core.errors import DomainError, InvalidInput
from kapture.jobs.models import Job


class DownloadViewSet(OwnedViewSet):
    """Downloads, newest first."""

    serializer_class = DownloadSerializer
    query_serializer = QuerySerializer
    ordering = ORDERING

    def get_queryset(self) -> QuerySet[Download]:
        """The caller's downloads, filtered when they are listed."""
        return downloads_of(self.request.user, as_query(self.query()) if self.action == "list" else None)

    @extend_schema(responses=DownloadDetailSerializer)
    def retrieve(self, request: Request, pk: Any) -> Response:
        """One download, with short-lived links to its file once it completed."""
        download = download_of(request.user, pk)
        return Response(DownloadDetailSerializer(download, context={"request": request}).data)

    @extend_schema(responses={202: DownloadSerializer, 204: OpenApiResponse(description="In the trash now.")})
    def destroy(self, request: Request, pk: Any) -> Response:
        """Cancel a download in progress (202), or put one that ended into the trash (204)."""
        download = download_of(request.user, pk)
        if download.is_active:
            services.cancel_download(request.user, download)
            return Response(DownloadSerializer(download_of(request.user, pk)).data, status=202)
        trash_download(request.user, download)
        return Response(status=204)

    @extend_schema(request=RequestSerializer, responses={202: AcceptedSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Ask for one download; costs one unit when it completes."""
        download = services.request_download(request.user, as_spec(self.read(RequestSerializer)))
        return self._accepted(download)

    @extend_schema(request=BulkSerializer, responses={202: BulkAnswerSerializer})
    @idempotent
    def bulk(self, request: Request) -> Response:
        """Ask for up to 50: as many as the quota allows are accepted, in order, with an outcome for each."""
        specs = [_spec_or_refusal(item) for item in self.read(BulkSerializer)["items"]]
        outcomes = services.request_many(request.user, specs)
        accepted = sum(outcome.download is not None for outcome in outcomes)
        self._tell_usage()
        answer = {"accepted": accepted, "refused": len(outcomes) - accepted, "outcomes": outcomes}
        return Response(BulkAnswerSerializer(answer).data, status=202)

    @extend_schema(request=PreviewRequestSerializer, responses={200: PreviewSerializer, 202: DownloadPlanSerializer})
    def preview(self, request: Request) -> Response:
        """Look at a link before anything is spent; takes seconds and fetches no media. Several are looked at in the
        background: the answer is a plan that fills up, to be read again under `/api/downloads/preview/{id}`.
        """
        wanted = self.read(PreviewRequestSerializer)
        if "urls" in wanted:
            return self._plan(looking.ask_looks(request.user, [_link(url) for url in distinct(wanted["urls"])]), 202)
        seen = previews.preview(request.user, wanted["url"])
        self.meta["usage"] = as_meta(seen.usage)
        return Response(PreviewSerializer(as_answer(seen)).data)

    @extend_schema(responses=DownloadPlanSerializer)
    def plan(self, request: Request, pk: Any) -> Response:
        """A plan, as far as its links were looked at."""
        return self._plan(planning.plan_of(request.user, pk))

    def _plan(self, job: Job, status: int = 200) -> Response:
        sheet = planning.Sheet.of(self.caller, job)
        self.meta["usage"] = as_meta(sheet.usage)
        return Response(as_plan(sheet), status=status)

    @extend_schema(request=None, responses={202: AcceptedSerializer})
    @idempotent
    def retry(self, request: Request, pk: Any) -> Response:
        """Ask for a failed or cancelled download again."""
        return self._accepted(services.retry_download(request.user, download_of(request.user, pk)))

    def _accepted(self, download: Download) -> Response:
        self._tell_usage()
        return Response(AcceptedSerializer({"download": download, "job": download.job}).data, status=202)

    def _tell_usage(self) -> None:
        self.meta["usage"] = as_meta(usage_of(self.caller, UsageKind.DOWNLOAD, timezone.now()))


def _link(url: str) -> DownloadSpec | tuple[str, DomainError]:
    try:
        return DownloadSpec(url=url)
    except InvalidInput as refusal:
        return url, refusal


def _spec_or_refusal(values: dict[str, Any]) -> DownloadSpec | DomainError:
    try:
        return as_spec(values)
    except InvalidInput as refusal:
        return refusal
