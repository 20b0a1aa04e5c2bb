"""Staff can look at trends and scrapes in admin, and change none of them."""

import pytest
from django.test import Client

from accounts.models import User
from kapture.core.choices import Platform
from kapture.sandbox.control import Control
from tests.trends.conftest import Capture, make_post
from trends.models import PlatformTotal, Scrape, Trend
from trends.services import request_scrape
from trends.specs import ScrapeSpec

pytestmark = pytest.mark.django_db


def test_staff_read_and_change_nothing(alice: User, staff: User, capture: Capture, apify: Control) -> None:
    capture(alice, make_post())
    request_scrape(alice, ScrapeSpec(Platform.X, ("lamps",)))
    client = Client()
    client.force_login(staff)
    for model in (Trend, Scrape, PlatformTotal):
        name = model._meta.model_name
        row = model.objects.get()
        assert client.get(f"/admin/trends/{name}/?q=alice").status_code == 200
        assert client.get(f"/admin/trends/{name}/{row.pk}/change/").status_code == 200
        assert client.post(f"/admin/trends/{name}/{row.pk}/change/", {"owner": ""}).status_code == 403
        assert client.get(f"/admin/trends/{name}/add/").status_code == 403
        assert client.post(f"/admin/trends/{name}/{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_others_do_not_see_it(browser: Client) -> None:
    assert browser.get("/admin/trends/trend/").status_code == 302
