"""The one Celery task: a message carries an id, the row says the rest."""

from uuid import UUID

from celery import shared_task

from kapture.jobs.runner import run_job


@shared_task(name="kapture.jobs.perform")
def perform(job_id: str) -> None:
    """Do one attempt at the job of that id."""
    run_job(UUID(job_id), by_message=True)
