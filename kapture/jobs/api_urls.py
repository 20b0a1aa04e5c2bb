"""API routes of jobs."""

from django.urls import path

from kapture.jobs.api import JobViewSet

urlpatterns = [
    path("jobs", JobViewSet.as_view({"get": "list"}), name="jobs"),
    path("jobs/cancel", JobViewSet.as_view({"post": "cancel"}), name="jobs-cancel"),
    path("jobs/<uuid:pk>", JobViewSet.as_view({"get": "retrieve"}), name="job"),
]
