"""A clip survives the death of its worker: one file, no charge, nothing left behind."""

from pathlib import Path

import pytest

from accounts.models import User
from billing.models import UsagePeriod
from downloads.choices import State
from downloads.clipping import ClipSpec, request_clip
from downloads.models import Caption
from downloads.performing import sweep_scratch
from kapture.objects.models import StoredObject
from tests.downloads.captured import again, finished
from tests.downloads.conftest import clip
from tests.faults.system import System, assert_invariants
from tests.faults.test_downloads import leftovers

__all__ = ["clip"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "point", ["downloads.before_clip", "downloads.clipped", "downloads.stored", "jobs.inside_finish"]
)
def test_a_worker_killed_while_it_cuts_is_replaced(
    system: System, alice: User, tmp_path: Path, clip: bytes, point: str
) -> None:
    lesson = finished(alice, tmp_path / "lesson", clip)
    system.env |= {"CRASH": f"{point}:1"}
    system.dispatcher()
    system.worker()
    made = request_clip(alice, lesson, ClipSpec(0.2, 0.8))
    system.drain([made.job])
    assert (system.folder / "crashed").exists(), "the crash point was never passed"
    made = again(made)
    assert (made.state, made.job.attempt) == (State.COMPLETED, 2)
    assert [(period.used, period.held) for period in UsagePeriod.objects.filter(user=alice, kind="download")] == [
        (1, 0)
    ]
    mine = StoredObject.objects.filter(job_id=made.job_id, state="live").values_list("pk", flat=True)
    captions = Caption.objects.filter(download=made).values_list("file_id", flat=True)
    assert set(mine) == {made.media_id, made.thumbnail_id, *captions}
    assert_invariants()
    sweep_scratch()
    system.until(lambda: not leftovers(system), seconds=5)
