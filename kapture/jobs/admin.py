"""Jobs in admin: read, cancel and retry, never edit."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from kapture.core.errors import DomainError
from kapture.jobs import clock_admin as clock_admin
from kapture.jobs import services
from kapture.jobs.models import Job, JobEvent
from kapture.web.admin import ReadOnlyAdmin


class EventInline(TabularInline):  # type: ignore[misc]
    """The life of a job."""

    model = JobEvent
    extra = 0
    can_delete = False
    readonly_fields = ("at", "what", "attempt", "terminal", "note")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Events are written by the machine."""
        return False


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Find a job, see why it ended, cancel it or try it again."""

    list_display = ("created_at", "kind", "title", "owner", "state", "lane", "progress", "attempt", "error_code")
    list_filter = ("state", "lane", "kind", "error_code")
    search_fields = ("id", "title", "owner__email", "subject_id")
    list_select_related = ("owner",)
    inlines: ClassVar = [EventInline]
    actions: ClassVar = ["cancel_jobs", "retry_jobs"]

    @admin.action(description="Cancel the chosen jobs", permissions=["act"])
    def cancel_jobs(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        """Ask each to stop."""
        self._each(request, jobs, services.cancel)

    @admin.action(description="Try the chosen jobs again", permissions=["act"])
    def retry_jobs(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        """Ask for each again, in the name of its owner."""
        self._each(request, jobs, lambda job, _: services.retry(job, job.owner))

    def _each(self, request: HttpRequest, jobs: QuerySet[Job], do: Any) -> None:
        for job in jobs.select_related("owner"):
            try:
                do(job, request.user)
            except DomainError as error:
                self.message_user(request, f"{job.pk}: {error.message}", messages.WARNING)
