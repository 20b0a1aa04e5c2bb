"""Working folders of jobs."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from kapture.jobs.models import Job


@contextmanager
def scratch_of(job: Job) -> Iterator[Path]:
    """A working folder of one attempt, gone afterwards whatever happens; a sweeper removes those of dead workers."""
    folder = Path(settings.SCRATCH) / f"{job.pk}-{job.fence}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
