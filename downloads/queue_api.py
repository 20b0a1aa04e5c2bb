"""`/api/downloads/{id}/pause`, `/resume`, `/start`, and asking again for all that failed alike."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.queries import as_meta, usage_of
from downloads import failures, queueing
from downloads.models import Download
from downloads.queries import download_of, downloads_of
from downloads.serializers import DownloadSerializer, ItemErrorSerializer
from downloads.specs import MAX_REASON
from kapture.api.idempotency import idempotent
from kapture.api.serializers import CamelSerializer
from kapture.api.views import OwnedViewSet
from kapture.core.choices import UsageKind


class RetryFailedSerializer(CamelSerializer):
    """The reason whose failures are tried again; without one, all."""

    reason = serializers.CharField(required=False, max_length=MAX_REASON)


class RetriedSerializer(CamelSerializer):
    """What became of the newest 50: started, left alone because they moved meanwhile, and refused, with why."""

    started = serializers.IntegerField()
    skipped = serializers.IntegerField()
    refused = serializers.IntegerField(source="left")
    error = ItemErrorSerializer(source="refusal", allow_null=True)


class QueueViewSet(OwnedViewSet):
    """The place of downloads in the queue."""

    serializer_class = DownloadSerializer

    def get_queryset(self) -> QuerySet[Download]:
        """The caller's downloads."""
        return downloads_of(self.request.user)

    @extend_schema(request=None, responses=DownloadSerializer)
    def pause(self, request: Request, pk: Any) -> Response:
        """Let it wait until `resume`; one in progress stops at its next step, and is fetched anew then."""
        return self._moved(pk, queueing.pause_download)

    @extend_schema(request=None, responses=DownloadSerializer)
    def resume(self, request: Request, pk: Any) -> Response:
        """Let a paused one go on; the time it may take stood still meanwhile."""
        return self._moved(pk, queueing.resume_download)

    @extend_schema(request=None, responses=DownloadSerializer)
    def start(self, request: Request, pk: Any) -> Response:
        """Put a waiting, paused or night one before the caller's others."""
        return self._moved(pk, queueing.start_download_now)

    @extend_schema(request=RetryFailedSerializer, responses={202: RetriedSerializer})
    @idempotent
    def retry_failed(self, request: Request) -> Response:
        """Ask again for the newest 50 that failed, for a reason where one is given, as far as the quota reaches."""
        done = failures.retry_all(request.user, self.read(RetryFailedSerializer).get("reason", ""))
        self.meta["usage"] = as_meta(usage_of(self.caller, UsageKind.DOWNLOAD, timezone.now()))
        return Response(RetriedSerializer(done).data, status=202)

    def _moved(self, pk: Any, move: Callable[[Any, Download], Download]) -> Response:
        move(self.caller, download_of(self.caller, pk))
        return Response(DownloadSerializer(download_of(self.caller, pk)).data)
