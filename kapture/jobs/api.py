"""`/api/jobs`."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kapture.api.serializers import CamelSerializer
from kapture.api.views import OwnedViewSet
from kapture.core.errors import Conflict
from kapture.jobs.models import Job, State
from kapture.jobs.serializers import CancelAnswerSerializer, CancelSerializer, JobSerializer
from kapture.jobs.services import cancel


class JobQuerySerializer(CamelSerializer):
    """Filters of the job list."""

    state = serializers.ChoiceField(choices=State.choices, required=False)
    kind = serializers.CharField(required=False, max_length=40)


class JobViewSet(OwnedViewSet):
    """Jobs, newest first."""

    serializer_class = JobSerializer
    query_serializer = JobQuerySerializer

    def get_queryset(self) -> QuerySet[Job]:
        """The caller's jobs, filtered when they are listed."""
        jobs = Job.objects.for_user(self.request.user)
        return jobs.filter(**self.query()) if self.action == "list" else jobs

    @extend_schema(request=CancelSerializer, responses=CancelAnswerSerializer)
    def cancel(self, request: Request) -> Response:
        """Ask each named job to stop and tell what became of it."""
        wanted = self.read(CancelSerializer)
        ids = wanted.get("job_ids") or [wanted["job_id"]]
        if "job_id" in wanted:
            Job.objects.fetch(request.user, wanted["job_id"])
        found = {job.pk: job for job in Job.objects.for_user(request.user).filter(pk__in=ids)}
        return Response({"jobs": [self._cancel(found, pk) for pk in dict.fromkeys(ids)]})

    def _cancel(self, found: dict[Any, Job], pk: Any) -> dict[str, Any]:
        if pk not in found:
            return {"id": pk, "outcome": "not_found"}
        try:
            job = cancel(found[pk], self.request.user)
        except Conflict:
            return {"id": pk, "outcome": "ended"}
        return {"id": pk, "outcome": "cancelled" if job.state == State.CANCELLED else "stopping"}
