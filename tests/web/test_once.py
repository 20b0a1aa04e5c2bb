"""A form that is sent twice, by a second click or by a browser that asks again, has one effect."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing.models import UsagePeriod
from kapture.jobs.models import Job, State
from kapture.web.models import SentForm
from kapture.web.once import KEPT, forget_old
from tests.trends.conftest import Capture, capture, make_post  # noqa: F401  # a fixture
from trends.models import Trend

pytestmark = pytest.mark.django_db
SCRAPE = {"keywords": "lamp", "platforms": ["x"], "limit": "20"}


@pytest.fixture(autouse=True)
def vendors(settings: Settings) -> None:
    settings.APIFY_API_TOKEN = "apify_api_test"
    settings.OPENAI_API_KEY = "sk-test"


def filled(client: Client, page: str, action: str, **fields: Any) -> dict[str, Any]:
    """What a browser sends of the form with an action on a page."""
    html = client.get(page).content.decode()
    [form] = [part for part in re.findall(r"<form\b.*?</form>", html, re.DOTALL) if f'action="{action}"' in part][:1]
    [token] = re.findall(r'name="once" value="(\w+)"', form)
    return {"once": token, **fields}


@pytest.mark.parametrize(
    ("page", "action", "fields", "goal"),
    [
        ("/trends/scrape/", "/trends/scrape/", SCRAPE, "/trends/"),
        ("/downloads/", "/downloads/request/", {"urls": "https://www.youtube.com/watch?v=abcdefghijk"}, "/downloads/"),
        ("/trends/{trend}/", "/downloads/bulk/", {"trend": "{trend}"}, "/downloads/"),
        ("/ideaboards/draft/", "/ideaboards/draft/", {"topic": "Lamps"}, "/ideaboards/draft/{job}/"),
    ],
)
def test_sent_twice_it_has_one_effect_and_leads_to_the_same_place(
    alice: User,
    browser: Client,
    capture: Capture,  # noqa: F811
    page: str,
    action: str,
    fields: dict[str, Any],
    goal: str,
) -> None:
    capture(alice, make_post())
    trend = str(Trend.objects.get().pk)
    page, fields = (
        page.format(trend=trend),
        {k: v.format(trend=trend) if k == "trend" else v for k, v in fields.items()},
    )
    form = filled(browser, page, action, **fields)
    answers = [browser.post(action, form) for _ in range(3)]
    job = Job.objects.get()
    assert [answer.status_code for answer in answers] == [302] * 3
    assert {answer["Location"] for answer in answers} == {goal.format(job=job.pk)}
    assert sum(UsagePeriod.objects.values_list("held", flat=True)) == 1
    again = browser.post(action, form, headers={"HX-Request": "true"})
    assert again["HX-Redirect"] == goal.format(job=job.pk)
    # The same wish from a page that was opened anew is meant, as is another wish from the old page.
    browser.post(action, filled(browser, page, action, **fields))
    assert Job.objects.count() == 2


def test_a_failed_job_is_tried_again_once(alice: User, browser: Client) -> None:
    browser.post("/trends/scrape/", SCRAPE)
    job = Job.objects.get()
    Job.objects.update(state=State.FAILED, finished_at=timezone.now())
    form = filled(browser, f"/jobs/{job.pk}/", f"/jobs/{job.pk}/retry/", next="/")
    assert {browser.post(f"/jobs/{job.pk}/retry/", form)["Location"] for _ in range(2)} == {"/"}
    assert Job.objects.count() == 2


def test_other_words_in_a_page_that_the_browser_kept_are_another_wish(browser: Client) -> None:
    form = filled(browser, "/trends/scrape/", "/trends/scrape/", **SCRAPE)
    browser.post("/trends/scrape/", form)
    browser.post("/trends/scrape/", form | {"keywords": "window"})
    assert Job.objects.count() == 2


def test_a_refusal_is_not_remembered(browser: Client, settings: Settings) -> None:
    form = filled(browser, "/trends/scrape/", "/trends/scrape/", **SCRAPE)
    assert browser.post("/trends/scrape/", form | {"keywords": ""}).status_code == 422
    settings.APIFY_API_TOKEN = ""
    assert browser.post("/trends/scrape/", form).status_code == 503
    assert not SentForm.objects.exists()
    settings.APIFY_API_TOKEN = "apify_api_test"
    assert browser.post("/trends/scrape/", form).status_code == 302
    assert Job.objects.count() == 1


def test_the_id_of_one_persons_form_stops_nobody_else(browser: Client, stranger: Client) -> None:
    form = filled(browser, "/trends/scrape/", "/trends/scrape/", **SCRAPE)
    for client in (browser, stranger):
        client.post("/trends/scrape/", form)
    assert Job.objects.values("owner").distinct().count() == 2


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_have_one_effect(alice: User, browser: Client) -> None:
    form = filled(browser, "/trends/scrape/", "/trends/scrape/", **SCRAPE)

    def send(_: int) -> int:
        client = Client()
        client.force_login(alice)
        try:
            return client.post("/trends/scrape/", form).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(8))) == {302}
    assert Job.objects.count() == 1


def test_it_is_forgotten_after_a_day(browser: Client) -> None:
    browser.post("/trends/scrape/", filled(browser, "/trends/scrape/", "/trends/scrape/", **SCRAPE))
    assert forget_old() == 0
    SentForm.objects.update(created_at=timezone.now() - KEPT - timedelta(seconds=1))
    assert forget_old() == 1
