"""`manage.py verify_invariants` says what is broken and by whom, and fails when anything is."""

from io import StringIO

import orjson
import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from kapture.core.oracle import verify
from kapture.jobs.models import Job

pytestmark = pytest.mark.django_db


def test_an_instance_at_peace_breaks_nothing(alice: User) -> None:
    said = StringIO()
    call_command("verify_invariants", stdout=said)
    answer = orjson.loads(said.getvalue())
    assert answer == {"rules": len(verify()), "broken": {}}
    assert answer["rules"] > 15


def test_a_broken_promise_is_named_with_its_offenders_and_ends_in_an_error(alice: User) -> None:
    zombie = Job.objects.create(
        owner=alice, kind="test.work", state="running", deadline_at=timezone.now(), lease_until="2020-01-01T00:00:00Z"
    )
    said = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_invariants", stdout=said)
    assert ended.value.code == 1
    broken = orjson.loads(said.getvalue())["broken"]
    assert broken["I05 no zombie"]["offenders"] == [str(zombie.pk)]
    assert broken["I05 no zombie"]["promise"].startswith("A running job has a lease")
