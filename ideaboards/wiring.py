"""What this room adds to the floors below: its kind of job and the boards in the frame of every page."""

from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse

from ideaboards import services
from ideaboards.queries import recent
from kapture.core.health import probes
from kapture.gateways.health import vendor
from kapture.jobs.kinds import JobKind, register
from kapture.web import shell

SHOWN = 5


def sidebar(request: HttpRequest) -> list[tuple[str, str, str]]:
    """The boards edited last: title, address and colour."""
    boards = recent(request.user, SHOWN)
    return [(board.title, reverse("ideaboards:detail", args=[board.pk]), board.colour) for board in boards]


register(
    JobKind(
        name=services.KIND,
        label="Ideaboard",
        queue="ai",
        perform=services.perform_board_draft,
        abandon=services.abandon_board_draft,
        retry=services.retry_board_draft,
        deadline=timedelta(minutes=15),
    )
)
shell.register("boards", sidebar)
probes["openai"] = vendor("openai", "OPENAI_API_KEY")
