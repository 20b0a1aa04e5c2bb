"""API routes of downloads."""

from django.urls import path

from downloads.api import DownloadViewSet
from downloads.media_api import ClipViewSet, EvidenceView, TranscriptView
from downloads.policy_api import PolicyViewSet
from downloads.queue_api import QueueViewSet
from downloads.trash_api import TrashViewSet

urlpatterns = [
    path("downloads", DownloadViewSet.as_view({"get": "list"}), name="downloads"),
    path("downloads/preview", DownloadViewSet.as_view({"post": "preview"}), name="downloads-preview"),
    path("downloads/preview/<uuid:pk>", DownloadViewSet.as_view({"get": "plan"}), name="downloads-plan"),
    path(
        "downloads/policies",
        PolicyViewSet.as_view({"get": "list", "post": "create"}),
        name="download-policies",
    ),
    path(
        "downloads/policies/<uuid:pk>",
        PolicyViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="download-policy",
    ),
    path("downloads/retry-failed", QueueViewSet.as_view({"post": "retry_failed"}), name="downloads-retry-failed"),
    path("downloads/<uuid:pk>/pause", QueueViewSet.as_view({"post": "pause"}), name="download-pause"),
    path("downloads/<uuid:pk>/resume", QueueViewSet.as_view({"post": "resume"}), name="download-resume"),
    path("downloads/<uuid:pk>/start", QueueViewSet.as_view({"post": "start"}), name="download-start"),
    path("downloads/trash", TrashViewSet.as_view({"get": "list"}), name="downloads-trash"),
    path("downloads/trash/<uuid:pk>", TrashViewSet.as_view({"delete": "destroy"}), name="download-in-trash"),
    path("downloads/<uuid:pk>/restore", TrashViewSet.as_view({"post": "restore"}), name="download-restore"),
    path("downloads/request", DownloadViewSet.as_view({"post": "create"}), name="downloads-request"),
    path("downloads/bulk", DownloadViewSet.as_view({"post": "bulk"}), name="downloads-bulk"),
    path("downloads/<uuid:pk>", DownloadViewSet.as_view({"get": "retrieve", "delete": "destroy"}), name="download"),
    path("downloads/<uuid:pk>/retry", DownloadViewSet.as_view({"post": "retry"}), name="download-retry"),
    path("downloads/<uuid:pk>/transcript", TranscriptView.as_view(), name="download-transcript"),
    path("downloads/<uuid:pk>/evidence", EvidenceView.as_view(), name="download-evidence"),
    path("downloads/<uuid:pk>/clips", ClipViewSet.as_view({"get": "clips", "post": "create"}), name="download-clips"),
]
