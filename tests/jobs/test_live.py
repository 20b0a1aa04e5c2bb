"""The live map: what moves on a page, in one query."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from kapture.jobs.models import Job
from kapture.jobs.queries import LINGER, live_map

pytestmark = pytest.mark.django_db


def make(owner: User, **fields: Any) -> Job:
    return Job.objects.create(owner=owner, **{"kind": "test.work", "deadline_at": timezone.now(), **fields})


def test_it_tells_what_a_running_job_shows(browser: Client, alice: User) -> None:
    facts = {"bytes": 79_000_000, "total": 118_000_000, "speed": 8_400_000, "eta": 27, "count": 1200}
    job = make(alice, state="running", progress=0.67, stage="Downloading", facts=facts)
    told = browser.get("/live/").json()
    assert told["active"] == 1
    values = {key.partition(".")[2]: value for key, value in told["v"].items() if key.startswith(str(job.pk))}
    assert values == {
        "state": "running", "pct": "67%", "bar": 67, "stage": "Downloading", "bytes": "79 of 118 MB",
        "speed": "8.4 MB/s", "eta": "0:27 left", "count": "1,200",
    }  # fmt: skip
    assert told["v"]["nav.test"] == 1


def test_what_is_known_no_longer_leaves_the_page(alice: User) -> None:
    job = make(alice, state="running", stage="Merging", facts={"bytes": 512})
    assert job.figures == {"bytes": "512 B", "speed": "", "eta": "", "count": ""}
    job.facts = {"bytes": 121_000_000, "total": 118_000_000}
    assert job.figures["bytes"] == "121 MB"  # the site had only guessed
    values = live_map(alice).values
    assert {values[f"{job.pk}.{name}"] for name in ("speed", "eta", "count")} == {""}


def test_a_waiting_job_shows_no_figures_of_its_last_attempt(alice: User) -> None:
    job = make(alice, state="queued", facts={"speed": 8_400_000, "eta": 27})
    assert set(job.figures.values()) == {""}
    assert f"{job.pk}.speed" not in live_map(alice).values


def test_progress_that_cannot_be_told_is_empty(alice: User) -> None:
    job = make(alice, state="queued")
    values = live_map(alice).values
    assert (values[f"{job.pk}.pct"], values[f"{job.pk}.bar"], values[f"{job.pk}.stage"]) == ("", "", "Waiting")


def test_the_revision_moves_when_a_job_comes_moves_or_ends(alice: User) -> None:
    seen = {live_map(alice).revision}
    job = make(alice)
    seen.add(live_map(alice).revision)
    for fields in ({"state": "running"}, {"attempt": 2}, {"state": "completed", "finished_at": timezone.now()}):
        Job.objects.filter(pk=job.pk).update(**fields)
        seen.add(live_map(alice).revision)
    assert len(seen) == 5
    progress = live_map(alice).revision
    Job.objects.filter(pk=job.pk).update(progress=0.5)
    assert live_map(alice).revision == progress


def test_nothing_new_is_an_empty_answer(browser: Client, client: Client, alice: User, bob: User) -> None:
    make(bob, state="running")
    told = browser.get("/live/").json()
    assert (told["active"], [key for key in told["v"] if "nav." not in key]) == (0, [])
    assert browser.get("/live/", {"rev": told["rev"]}).status_code == 204
    assert client.get("/live/").status_code == 204


def test_it_takes_two_queries_for_ten_and_for_a_hundred_jobs(alice: User, django_assert_num_queries: Any) -> None:
    for count in (10, 90):
        Job.objects.bulk_create(
            Job(owner=alice, kind="test.work", state="running", deadline_at=timezone.now()) for _ in range(count)
        )
        with django_assert_num_queries(2):
            live_map(alice)


def test_what_ended_long_ago_is_not_told(alice: User) -> None:
    quiet = live_map(alice).revision
    make(alice, state="failed", finished_at=timezone.now() - LINGER * 2)
    assert live_map(alice).revision == quiet


def test_a_job_is_cancelled_from_its_card_and_only_by_its_owner(browser: Client, stranger: Client, alice: User) -> None:
    job = make(alice)
    assert stranger.post(f"/jobs/{job.pk}/cancel/").status_code == 404
    assert stranger.get(f"/jobs/{job.pk}/").status_code == 404
    answer = browser.post(f"/jobs/{job.pk}/cancel/", headers={"HX-Request": "true"})
    job.refresh_from_db()
    assert (answer.status_code, job.state) == (200, "cancelled")
    assert str(job.pk) in answer.text
    assert browser.post(f"/jobs/{job.pk}/cancel/").status_code == 409
    assert browser.get(f"/jobs/{job.pk}/").status_code == 200


def test_what_was_cancelled_is_asked_for_again_from_its_card(browser: Client, stranger: Client, alice: User) -> None:
    job = make(alice, state="cancelled")
    assert stranger.post(f"/jobs/{job.pk}/retry/").status_code == 404
    answer = browser.post(f"/jobs/{job.pk}/retry/", headers={"HX-Request": "true"})
    new = Job.objects.get(state="queued")
    assert str(new.pk) in answer.text
    assert browser.post(f"/jobs/{new.pk}/retry/").status_code == 409
    assert browser.post(f"/jobs/{job.pk}/retry/", {"next": "/trends/"})["Location"] == "/trends/"


def test_after_a_plain_form_one_is_back_on_ones_page(browser: Client, alice: User) -> None:
    for given, expected in (
        ("/trends/?page=2", "/trends/?page=2"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
    ):
        job = make(alice)
        assert browser.post(f"/jobs/{job.pk}/cancel/", {"next": given})["Location"] == expected
