"""Staff keep people and keys in order, and everything they do is on record."""

import pytest
from django.test import Client

from accounts.models import ApiKey, User
from accounts.services import issue_key
from kapture.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_a_key_that_leaked_is_revoked_and_stays_on_record(office: Client, staff: User, alice: User) -> None:
    issued = issue_key(alice, "leaked")
    chosen = {"action": "revoke_keys", "_selected_action": [str(issued.key.pk)]}
    assert office.post("/admin/accounts/apikey/", chosen).status_code == 302
    bearer = Client(headers={"Authorization": f"Bearer {issued.secret}"})
    assert bearer.get("/api/auth/user").status_code == 401
    assert office.post(f"/admin/accounts/apikey/{issued.key.pk}/delete/", {"post": "yes"}).status_code == 403
    assert ApiKey.objects.filter(pk=issued.key.pk).exclude(revoked_at=None).exists()
    assert AuditEvent.objects.get(action="accounts.key_revoked").actor == staff


def test_a_suspended_person_is_on_record_and_out(office: Client, browser: Client, staff: User, alice: User) -> None:
    assert browser.get("/settings/").status_code == 200
    form = {"email": alice.email, "name": "Alice", "avatar_url": ""}
    assert office.post(f"/admin/accounts/user/{alice.pk}/change/", form).status_code == 302
    event = AuditEvent.objects.get(action="accounts.user_saved")
    assert (event.actor, event.subject_id) == (staff, str(alice.pk))
    assert "is_active" in event.data["changed"]
    assert browser.get("/settings/").status_code == 302


def test_the_log_of_who_did_what_is_read_and_never_written(office: Client, alice: User) -> None:
    issue_key(alice, "key")
    event = AuditEvent.objects.get(action="accounts.key_issued")
    assert "accounts.key_issued" in office.get("/admin/audit/auditevent/?q=alice").content.decode()
    page = f"/admin/audit/auditevent/{event.pk}"
    assert office.get(f"{page}/change/").status_code == 200
    assert office.get("/admin/audit/auditevent/add/").status_code == 403
    assert office.post(f"{page}/change/", {"action": "nothing"}).status_code == 403
    assert office.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
