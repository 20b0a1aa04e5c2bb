"""`/api/downloads/{id}/transcript`, `/evidence` and `/clips`."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from downloads import captions, clipping, evidence
from downloads.media_serializers import (
    ClipSerializer,
    EvidenceSerializer,
    TranscriptQuerySerializer,
    TranscriptSerializer,
    as_clip,
    as_evidence,
)
from downloads.models import Download
from downloads.queries import download_of, downloads_of
from downloads.serializers import AcceptedSerializer, DownloadSerializer
from kapture.api.idempotency import idempotent
from kapture.api.views import ApiView, OwnedViewSet
from kapture.core.errors import NotFound


class TranscriptView(ApiView):
    """What is said in a download."""

    query_serializer: ClassVar = TranscriptQuerySerializer

    @extend_schema(parameters=[TranscriptQuerySerializer], responses=TranscriptSerializer)
    def get(self, request: Request, pk: Any) -> Response:
        """The lines of one language in parts of 300, or with `q` those in which words are said."""
        wanted = self.query()
        download = download_of(self.caller, pk)
        rows = captions.captions_of(download)
        row = captions.chosen(rows, wanted.get("language", ""))
        if row is None or wanted.get("language", row.language) != row.language:
            raise NotFound
        found = captions.transcript(captions.caption_of(download, row.pk), wanted.get("q", ""), wanted.get("part", 1))
        values = {name: getattr(found, name) for name in ("caption", "lines", "hits", "is_cut", "part", "parts")}
        return Response(TranscriptSerializer({**values, "languages": [one.language for one in rows]}).data)


class EvidenceView(ApiView):
    """What a post was when it was captured."""

    @extend_schema(responses=EvidenceSerializer)
    def get(self, request: Request, pk: Any) -> Response:
        """The statement with its seal, computed again for this answer; for a clip that of what it was cut from."""
        row = evidence.evidence_of(download_of(self.caller, pk))
        return Response(EvidenceSerializer(as_evidence(row, evidence.verify(row))).data)


class ClipViewSet(OwnedViewSet):
    """Clips of one download, newest first."""

    serializer_class = DownloadSerializer

    def get_queryset(self) -> QuerySet[Download]:
        """The clips of the download in the path."""
        return downloads_of(self.caller).filter(parent=download_of(self.caller, self.kwargs["pk"]))

    @extend_schema(responses=DownloadSerializer(many=True))
    def clips(self, request: Request, pk: Any) -> Response:
        """A page of clips."""
        return self.list(request)

    @extend_schema(request=ClipSerializer, responses={202: AcceptedSerializer})
    @idempotent
    def create(self, request: Request, pk: Any) -> Response:
        """Cut a stretch of at most 10 minutes into a download of its own; costs no units."""
        spec = as_clip(self.read(ClipSerializer))
        made = clipping.request_clip(self.caller, download_of(self.caller, pk), spec)
        return Response(AcceptedSerializer({"download": made, "job": made.job}).data, status=202)
