"""Staff see why work ended, stop it and ask for it again; nobody edits it."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from kapture.jobs.models import Job, JobEvent, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def make(owner: User, **fields: object) -> Job:
    return Job.objects.create(owner=owner, kind="test.work", title="Work", deadline_at=timezone.now(), **fields)


def act(office: Client, name: str, *jobs: Job) -> str:
    chosen = {"action": name, "_selected_action": [str(job.pk) for job in jobs]}
    return str(office.post("/admin/jobs/job/", chosen, follow=True).content.decode())


def test_a_job_shows_its_life_and_cannot_be_written(office: Client, alice: User) -> None:
    job = make(alice, state="failed", error_code="timeout")
    JobEvent.objects.create(job=job, what="failed", terminal=True, note="the note of its end")
    assert "timeout" in office.get("/admin/jobs/job/?q=alice").content.decode()
    page = office.get(f"/admin/jobs/job/{job.pk}/change/")
    assert "the note of its end" in page.content.decode()
    assert office.get("/admin/jobs/job/add/").status_code == 403
    assert office.post(f"/admin/jobs/job/{job.pk}/change/", {"state": "completed"}).status_code == 403
    assert office.post(f"/admin/jobs/job/{job.pk}/delete/", {"post": "yes"}).status_code == 403


def test_staff_cancel_what_waits_and_learn_what_has_ended(office: Client, alice: User) -> None:
    waiting, ended = make(alice), make(alice, state="completed")
    page = act(office, "cancel_jobs", waiting, ended)
    waiting.refresh_from_db()
    assert waiting.state == State.CANCELLED
    assert f"{ended.pk}: This job has already ended." in page
    assert f"{waiting.pk}:" not in page


def test_staff_try_again_in_the_name_of_the_owner(office: Client, alice: User) -> None:
    failed, running = make(alice, state="failed"), make(alice, state="running")
    page = act(office, "retry_jobs", failed, running)
    new = Job.objects.get(state=State.QUEUED)
    assert (new.owner, new.title) == (alice, "Work")
    assert f"{running.pk}: Only a failed or cancelled job can be tried again." in page
