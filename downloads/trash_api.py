"""`/api/downloads/trash`, and bringing back what is there."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from downloads.models import Download
from downloads.queries import download_of
from downloads.serializers import DownloadSerializer
from downloads.trash import delete_for_good, in_trash, restore_download
from kapture.api.views import OwnedViewSet


class TrashViewSet(OwnedViewSet):
    """Downloads in the trash, what was deleted last first; each goes for good after 30 days."""

    serializer_class = DownloadSerializer
    ordering = ("-trashed_at", "-id")

    def get_queryset(self) -> QuerySet[Download]:
        """What the caller has in the trash."""
        return in_trash(self.caller).select_related("job")

    @extend_schema(responses={204: OpenApiResponse(description="Removed with its files.")})
    def destroy(self, request: Request, pk: Any) -> Response:
        """Delete a download in the trash for good, with its files."""
        delete_for_good(self.caller, pk)
        return Response(status=204)

    @extend_schema(request=None, responses=DownloadSerializer)
    def restore(self, request: Request, pk: Any) -> Response:
        """Take a download out of the trash."""
        restore_download(self.caller, pk)
        return Response(DownloadSerializer(download_of(self.caller, pk)).data)
