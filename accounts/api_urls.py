"""API routes of accounts."""

from django.urls import path

from accounts.api import KeyViewSet, MeView
from accounts.clerk.api import SyncView
from accounts.clerk.webhooks import verify
from accounts.exporting.api import ExportViewSet
from kapture.inbox.face import webhook

urlpatterns = [
    path("auth/sync", SyncView.as_view(), name="sync"),
    path("auth/user", MeView.as_view(), name="me"),
    path("auth/export", ExportViewSet.as_view({"get": "list", "post": "create"}), name="exports"),
    path("auth/export/<uuid:pk>", ExportViewSet.as_view({"get": "retrieve"}), name="export"),
    path("auth/keys", KeyViewSet.as_view({"get": "list", "post": "create"}), name="keys"),
    path(
        "auth/keys/<uuid:pk>",
        KeyViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="key",
    ),
    path("webhooks/clerk", webhook("clerk", verify), name="webhooks-clerk"),
]
