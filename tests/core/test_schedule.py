"""What beat does by the clock exists, runs on an idle instance, and may be done twice."""

import pytest
from celery import current_app

from kapture.schedule import BEAT


@pytest.mark.django_db
@pytest.mark.parametrize("entry", BEAT.values(), ids=list(BEAT))
def test_every_scheduled_task_runs(entry: dict[str, object]) -> None:
    current_app.loader.import_default_modules()
    task = current_app.tasks[entry["task"]]
    for _ in range(2):
        assert task.apply(throw=True).successful()
