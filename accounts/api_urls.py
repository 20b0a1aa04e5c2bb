"""API routes of accounts."""

from django.urls import path

from accounts.api import KeyViewSet, MeView

urlpatterns = [
    path("auth/user", MeView.as_view(), name="me"),
    path("auth/keys", KeyViewSet.as_view({"get": "list", "post": "create"}), name="keys"),
    path("auth/keys/<uuid:pk>", KeyViewSet.as_view({"get": "retrieve", "delete": "destroy"}), name="key"),
]
