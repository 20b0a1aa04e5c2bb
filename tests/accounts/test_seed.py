"""The first people and content of a local instance, added once."""

from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import User
from accounts.services import DEMO_EMAIL, demo_user
from billing.queries import plan_of
from kapture.jobs.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def _stand_ins(settings: Any, plans: None) -> None:
    settings.SANDBOX = frozenset({"apify", "openai"})
    settings.APIFY_API_TOKEN = settings.OPENAI_API_KEY = "sandbox"


@pytest.mark.usefixtures("_stand_ins")
def test_where_vendors_are_stand_ins_the_demo_user_begins_to_work() -> None:
    call_command("seed_demo")
    demo = demo_user()
    assert demo is not None
    assert demo.email == DEMO_EMAIL
    assert plan_of(demo).slug == "creator"
    asked = Job.objects.filter(owner=demo).count()
    assert asked >= 4
    call_command("seed_demo")
    assert (User.objects.count(), Job.objects.count()) == (2, asked)
    assert User.objects.get(is_superuser=True).is_staff


def test_real_vendors_are_not_spent_on_a_demo(settings: Any, plans: None) -> None:
    settings.SANDBOX = frozenset()
    call_command("seed_demo")
    assert demo_user() is not None
    assert not Job.objects.exists()
