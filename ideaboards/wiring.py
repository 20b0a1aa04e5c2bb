"""What this room adds to the floors below: its kind of job and the boards in the frame of every page."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from accounts.closing.register import Stage
from accounts.closing.register import register as on_closing
from billing.subjects import Subject, tell_subjects
from ideaboards import exporting, services
from ideaboards.leaving import erase_boards, stop_writing
from ideaboards.models import BoardSource, Generation
from ideaboards.queries import recent
from kapture.core.health import probes
from kapture.gateways.health import vendor
from kapture.jobs.kinds import JobKind, register
from kapture.jobs.models import Job
from kapture.web import shell
from trends import lineage
from trends.lineage import Step, tell_lineage

SHOWN = 5


def sidebar(request: HttpRequest) -> list[tuple[str, str, str]]:
    """The boards edited last: title, address and colour."""
    boards = recent(request.user, SHOWN).only("title", "colour")
    return [(board.title, reverse("ideaboards:detail", args=[board.pk]), board.colour) for board in boards]


def subjects(user: Any, ids: Collection[UUID], jobs: Mapping[UUID, Job]) -> dict[UUID, Subject]:
    """The generations among what units were held for, with their boards."""
    rows = Generation.objects.for_user(user).filter(pk__in=ids).select_related("board")
    found = rows.only("id", "kind", "prompt", "error_message", "board__title")
    return {row.pk: _subject(row) for row in found}


def _subject(row: Generation) -> Subject:
    about = row.board.title if row.board is not None else row.prompt
    url = reverse("ideaboards:detail", args=[row.board_id]) if row.board_id else ""
    return Subject(f"{row.get_kind_display()}: {about}" if about else row.get_kind_display(), url, row.error_message)


def made_of(user: Any, trend: UUID) -> list[Step]:
    """The boards that lean on a trend, the first of them."""
    rows = BoardSource.objects.filter(board__owner_id=user.pk, key=trend).select_related("board")
    leaning = rows.order_by("created_at").only("created_at", "board__title")[: lineage.SHOWN]
    return [
        Step("Board", "lightbulb", row.board.title, row.created_at, reverse("ideaboards:detail", args=[row.board_id]))
        for row in leaning
    ]


tell_subjects(subjects)
tell_lineage(made_of)
on_closing(Stage.STOP, "writing_stopped", 20, stop_writing)
on_closing(Stage.ERASE, "ideaboards", 20, erase_boards)
exporting.register_all()
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
