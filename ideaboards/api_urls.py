"""API routes of this room."""

from django.urls import path

from ideaboards.api import BoardViewSet, DraftView, GenerateView, GenerationViewSet, VersionViewSet

urlpatterns = [
    path("ideaboards", BoardViewSet.as_view({"get": "list", "post": "create"}), name="ideaboards"),
    path(
        "ideaboards/<uuid:pk>",
        BoardViewSet.as_view({"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}),
        name="ideaboard",
    ),
    path("ideaboards/<uuid:board>/versions", VersionViewSet.as_view({"get": "versions"}), name="ideaboard-versions"),
    path("ai/generate", GenerateView.as_view(), name="ai-generate"),
    path("ai/ideaboard", DraftView.as_view(), name="ai-ideaboard"),
    path("ai/generations", GenerationViewSet.as_view({"get": "list"}), name="ai-generations"),
    path("ai/generations/<uuid:pk>", GenerationViewSet.as_view({"get": "retrieve"}), name="ai-generation"),
]
