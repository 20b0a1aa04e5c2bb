"""API routes of downloads."""

from django.urls import path

from downloads.api import DownloadViewSet

urlpatterns = [
    path("downloads", DownloadViewSet.as_view({"get": "list"}), name="downloads"),
    path("downloads/preview", DownloadViewSet.as_view({"post": "preview"}), name="downloads-preview"),
    path("downloads/request", DownloadViewSet.as_view({"post": "create"}), name="downloads-request"),
    path("downloads/bulk", DownloadViewSet.as_view({"post": "bulk"}), name="downloads-bulk"),
    path("downloads/<uuid:pk>", DownloadViewSet.as_view({"get": "retrieve", "delete": "destroy"}), name="download"),
    path("downloads/<uuid:pk>/retry", DownloadViewSet.as_view({"post": "retry"}), name="download-retry"),
]
