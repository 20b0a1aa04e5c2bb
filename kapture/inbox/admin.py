"""Events in admin: read, and tried again, never changed."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.decorators import action, display

from kapture.core.errors import DomainError, NotFound
from kapture.inbox.models import WebhookEvent
from kapture.inbox.services import APPLY, retry
from kapture.jobs.models import ACTIVE, Job, State
from kapture.web.admin import ReadOnlyAdmin, confirm

JOBS = Job.objects.filter(kind=APPLY.name, subject_id=OuterRef("pk"))
AGAIN = "A new job asks the vendor for the latest state and writes it. Doing so twice changes nothing."
LABELS = {
    State.FAILED.label: "danger",
    State.CANCELLED.label: "warning",
    State.RUNNING.label: "info",
    State.COMPLETED.label: "success",
}


class StuckFilter(admin.SimpleListFilter):
    """Events that wait although nothing works on them."""

    title = "job"
    parameter_name = "job"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The one choice."""
        return [("failed", "Failed, event waits")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> QuerySet[WebhookEvent]:
        """Those whose job ended without applying them."""
        if self.value() != "failed":
            return queryset
        waiting = queryset.filter(state=WebhookEvent.State.RECEIVED)
        return waiting.filter(~Exists(JOBS.filter(state__in=ACTIVE)))


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    """What vendors sent and what became of it; what was signed stays, and a deleted event could be applied twice."""

    list_display = ("created_at", "provider", "kind", "event_id", "state", "job", "error", "applied_at")
    list_filter = ("provider", "state", StuckFilter, "created_at", "kind")
    search_fields = ("event_id", "kind")
    readonly_fields = ("job", "error")
    actions: ClassVar = ["retry_events"]
    actions_detail: ClassVar = ["retry_one"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEvent]:
        """Events with how their last job stands."""
        last = JOBS.order_by("-created_at", "-id")
        rows: QuerySet[WebhookEvent] = super().get_queryset(request)
        return rows.annotate(
            job_state=Subquery(last.values("state")[:1]), job_error=Subquery(last.values("error_message")[:1])
        )

    @display(description="job", label=LABELS)  # type: ignore[untyped-decorator]
    def job(self, event: Any) -> str:
        """How the last job that applies it stands."""
        return str(State(event.job_state).label) if event.job_state else ""

    @display(description="why")  # type: ignore[untyped-decorator]
    def error(self, event: Any) -> str:
        """Why that job failed."""
        return event.job_error or ""

    @admin.action(description="Apply the chosen events again", permissions=["act"])
    def retry_events(self, request: HttpRequest, events: QuerySet[WebhookEvent]) -> None:
        """Those whose job failed."""
        done = sum(self._retry(request, event) for event in events)
        if done:
            self.message_user(request, f"{done} will be applied in the next seconds.")

    @action(description="Apply again", url_path="retry", permissions=["act"])  # type: ignore[untyped-decorator]
    def retry_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The event that is looked at."""
        event = self.get_object(request, object_id)
        if event is None:
            raise NotFound

        def done() -> HttpResponse:
            if self._retry(request, event):
                self.message_user(request, "It will be applied in the next seconds.")
            return redirect("admin:inbox_webhookevent_change", event.pk)

        return confirm(self, request, "Apply again", AGAIN, done)

    def _retry(self, request: HttpRequest, event: WebhookEvent) -> bool:
        try:
            retry(event, request.user)
        except DomainError as error:
            self.message_user(request, f"{event.event_id}: {error.message}", messages.WARNING)
            return False
        return True
