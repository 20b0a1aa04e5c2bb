"""Jobs over the API: looked up, filtered, and stopped one by one or many at once."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from kapture.core.ids import new_id
from kapture.jobs.models import Job
from tests.api.answers import accepted, refused

pytestmark = pytest.mark.django_db


def make(owner: User, **fields: object) -> Job:
    values = {"kind": "test.work", "deadline_at": timezone.now(), **fields}
    return Job.objects.create(owner=owner, **values)


def cancel(api: Client, **body: object) -> object:
    return api.post("/api/jobs/cancel", body, "application/json")


def test_the_list_is_the_callers_and_can_be_narrowed(api: Client, alice: User, bob: User) -> None:
    make(bob)
    first, second = make(alice, state="failed"), make(alice, kind="test.other")
    assert [job["id"] for job in accepted(api.get("/api/jobs"))] == [str(second.pk), str(first.pk)]
    assert [job["id"] for job in accepted(api.get("/api/jobs?state=failed"))] == [str(first.pk)]
    assert [job["id"] for job in accepted(api.get("/api/jobs?kind=test.other"))] == [str(second.pk)]
    refused(api.get("/api/jobs?state=sleeping"), 400, "VALIDATION_ERROR")


def test_a_failed_job_says_why_and_what_helps(api: Client, alice: User) -> None:
    job = make(alice, state="failed", error_code="broken", error_message="It is broken.", remedy="Mend it.")
    told = accepted(api.get(f"/api/jobs/{job.pk}"))
    assert told["error"] == {"code": "broken", "message": "It is broken.", "remedy": "Mend it."}
    assert accepted(api.get(f"/api/jobs/{make(alice).pk}"))["error"] is None


def test_somebody_elses_job_is_not_there(api: Client, bob: User) -> None:
    job = make(bob)
    refused(api.get(f"/api/jobs/{job.pk}"), 404, "NOT_FOUND")
    refused(cancel(api, jobId=str(job.pk)), 404, "NOT_FOUND")
    job.refresh_from_db()
    assert job.state == "queued"


def test_each_named_job_has_an_outcome(api: Client, alice: User, bob: User) -> None:
    waiting, running, ended = make(alice), make(alice, state="running"), make(alice, state="completed")
    foreign, missing = make(bob).pk, new_id()
    named = [str(pk) for pk in (waiting.pk, running.pk, ended.pk, foreign, missing, waiting.pk)]
    told = accepted(cancel(api, jobIds=named))["jobs"]
    assert [one["id"] for one in told] == named[:5]
    assert [one["outcome"] for one in told] == ["cancelled", "stopping", "ended", "not_found", "not_found"]


@pytest.mark.parametrize("body", [{}, {"jobId": str(new_id()), "jobIds": [str(new_id())]}, {"jobIds": []}])
def test_one_way_of_naming_jobs_is_wanted(api: Client, body: dict[str, object]) -> None:
    refused(cancel(api, **body), 400, "VALIDATION_ERROR")
