"""`/api/auth/export`."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.exporting.queries import STATES, Export, exports_of, with_jobs
from accounts.exporting.services import export_link, request_export
from accounts.models import DataExport
from kapture.api.idempotency import idempotent
from kapture.api.serializers import CamelSerializer
from kapture.api.views import OwnedViewSet
from kapture.jobs.serializers import JobErrorSerializer, error_of


class ExportFileSerializer(CamelSerializer):
    """An address of the file that works without signing in, for a short while."""

    url = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")


class ExportSerializer(CamelSerializer):
    """An export of the caller's data."""

    id = serializers.UUIDField(source="pk")
    state = serializers.ChoiceField(choices=STATES)
    progress = serializers.FloatField(source="job.progress", default=None, allow_null=True)
    stage = serializers.CharField(source="job.stage", default="", allow_blank=True)
    error = serializers.SerializerMethodField()
    size = serializers.IntegerField(allow_null=True, help_text="Bytes; null until it completed.")
    counts = serializers.DictField(
        source="row.counts", child=serializers.IntegerField(), help_text="How many rows or files of a part are inside."
    )
    job_id = serializers.UUIDField(source="row.job_id")
    created_at = serializers.DateTimeField(source="row.created_at")
    expires_at = serializers.DateTimeField(source="until", allow_null=True, help_text="When the file is deleted.")

    def get_error(self, export: Export) -> JobErrorSerializer(allow_null=True):  # type: ignore[valid-type]
        """Null unless it failed."""
        return error_of(export.job) if export.job is not None else None


class ExportDetailSerializer(ExportSerializer):
    """An export with a short-lived link to its file, once there is one."""

    file = serializers.SerializerMethodField()

    def get_file(self, export: Export) -> ExportFileSerializer(allow_null=True):  # type: ignore[valid-type]
        """Null until it completed, and after it expired; staff who look as somebody get none."""
        request = self.context["request"]
        if not export.is_ready or getattr(request, "impersonation", None) is not None:
            return None
        return {"url": request.build_absolute_uri(export_link(export.row)), "expiresIn": settings.MEDIA_LINK_SECONDS}


class ExportViewSet(OwnedViewSet):
    """Exports of the caller's data, newest first."""

    serializer_class = ExportSerializer

    def get_queryset(self) -> QuerySet[DataExport]:
        """The caller's exports."""
        rows: QuerySet[DataExport] = exports_of(self.request.user)
        return rows

    @extend_schema(responses=ExportSerializer(many=True))
    def list(self, request: Request) -> Response:
        """A page of exports."""
        return Response(ExportSerializer(with_jobs(self.paginate_queryset(self.get_queryset()) or []), many=True).data)

    @extend_schema(responses=ExportDetailSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """One export, with a link to its file for a few minutes."""
        return Response(self._detail(self.fetch(pk)))

    @extend_schema(request=None, responses={202: ExportDetailSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Have everything that is kept about you put into one ZIP file; one that is being made is answered again.

        It costs no units; three a day are possible, and the file is kept for a week.
        """
        return Response(self._detail(request_export(self.caller)), status=status.HTTP_202_ACCEPTED)

    def _detail(self, row: DataExport) -> Any:
        return ExportDetailSerializer(with_jobs([row])[0], context={"request": self.request}).data
