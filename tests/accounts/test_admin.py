"""Staff keep people and keys in order, and everything they do is on record."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.closing.services import request_closing
from accounts.models import ApiKey, Closing, Notification, User
from accounts.services import issue_key, revoke_key
from billing.models import Plan
from billing.services import choose_plan
from billing.services.staff import grant_units
from kapture.audit.models import AuditEvent
from kapture.audit.services import record
from kapture.core.choices import UsageKind
from kapture.core.errors import Conflict
from kapture.core.ids import new_id
from kapture.jobs.models import Job
from kapture.jobs.services import enqueue

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


def test_a_corrected_person_is_on_record(office: Client, staff: User, alice: User) -> None:
    form = {"email": alice.email, "name": "Alicia", "avatar_url": "", "is_staff": "", "is_superuser": ""}
    assert office.post(f"/admin/accounts/user/{alice.pk}/change/", form).status_code == 302
    event = AuditEvent.objects.get(action="accounts.user_saved")
    assert (event.actor, event.subject_id, event.data["changed"]) == (staff, str(alice.pk), ["name"])


def test_a_suspended_person_is_out_at_once_and_reads_why(
    office: Client, browser: Client, api: Client, staff: User, alice: User
) -> None:
    page = f"/admin/accounts/user/{alice.pk}"
    job = enqueue(alice, "trends.scrape", {})
    assert browser.get("/settings/").status_code == 200
    assert office.get(f"{page}/suspend/").status_code == 200
    assert office.post(f"{page}/suspend/", {"reason": "spam"}).status_code == 422
    assert browser.get("/settings/").status_code == 200

    response = office.post(f"{page}/suspend/", {"reason": "Sends spam to other people"})

    assert (response.status_code, response["Location"]) == (302, f"{page}/change/")
    assert browser.get("/settings/").status_code == 302
    assert api.get("/api/auth/user").status_code == 401
    assert not Session.objects.filter(session_key=browser.session.session_key).exists()
    job.refresh_from_db()
    assert job.state == "cancelled"
    event = AuditEvent.objects.get(action="accounts.suspended")
    assert (event.actor, event.subject_id) == (staff, str(alice.pk))
    told = Notification.objects.get(owner=alice, kind="accounts.suspended")
    assert "Sends spam to other people" in told.body
    assert told.wants_mail
    entering = Client().post(
        "/accounts/login/", {"login": alice.email, "password": "correct horse battery"}, follow=True
    )
    assert entering.redirect_chain[-1][0] == "/accounts/inactive/"
    assert "This account is suspended" in entering.content.decode()


def test_a_restored_person_comes_in_again(office: Client, api: Client, alice: User) -> None:
    page = f"/admin/accounts/user/{alice.pk}"
    why = {"reason": "A mistake of ours, sorry"}
    office.post(f"{page}/suspend/", why)
    assert office.post(f"{page}/restore/", why).status_code == 302
    assert api.get("/api/auth/user").status_code == 200
    assert AuditEvent.objects.filter(action="accounts.restored", subject_id=str(alice.pk)).count() == 1
    office.post(f"{page}/restore/", why)
    assert AuditEvent.objects.filter(action="accounts.restored").count() == 1


def test_an_account_is_closed_for_its_person_and_gets_nothing_more(office: Client, staff: User, alice: User) -> None:
    page = f"/admin/accounts/user/{alice.pk}"
    assert office.post(f"{page}/close/", {"reason": "by mail"}).status_code == 422
    assert office.post(f"{page}/close/", {"reason": "Asked for it in a letter"}).status_code == 302
    closing = Closing.objects.get(user=alice)
    assert Job.objects.filter(pk=closing.job_id, kind="accounts.close").exists()
    event = AuditEvent.objects.get(action="accounts.closing_requested")
    assert (event.actor, event.data) == (staff, {"reason": "staff", "why": "Asked for it in a letter"})
    with pytest.raises(Conflict):
        grant_units(staff, alice, UsageKind.SCRAPE, 5, "Because the letter was nice", new_id())
    office.post(f"{page}/close/", {"reason": "Asked for it in a letter"})
    assert Job.objects.filter(kind="accounts.close").count() == 1


def test_many_are_suspended_with_one_reason(office: Client, alice: User, bob: User, staff: User) -> None:
    chosen = {"action": "suspend_people", "_selected_action": [str(one.pk) for one in (alice, bob, staff)]}
    asked = office.post("/admin/accounts/user/", chosen)
    assert asked.status_code == 200
    assert all(one.email in asked.content.decode() for one in (alice, bob))
    office.post("/admin/accounts/user/", {**chosen, "reason": "One person with many accounts"})
    assert set(User.objects.filter(is_active=False)) == {alice, bob}
    assert AuditEvent.objects.filter(action="accounts.suspended").count() == 2


def test_a_closed_account_is_neither_restored_nor_changed(office: Client, alice: User) -> None:
    request_closing(alice, actor=alice, reason="person")
    page = f"/admin/accounts/user/{alice.pk}"
    office.post(f"{page}/restore/", {"reason": "They want to come back"})
    alice.refresh_from_db()
    assert not alice.is_active
    assert office.post(f"{page}/change/", {"email": "alice@example.com", "name": "X"}).status_code == 403


def clerk_of_the_office(*codenames: str) -> Client:
    """Somebody of the staff with these permissions."""
    user = User.objects.create_user(f"{len(codenames)}@office.example.com", "correct horse battery", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def test_powers_are_given_by_superusers_alone(staff: User, alice: User) -> None:
    helper = clerk_of_the_office("view_user", "change_user", "view_group", "change_group", "add_group")
    form = {"email": alice.email, "name": "Alicia", "avatar_url": "", "is_staff": "on", "is_superuser": "on"}
    assert helper.post(f"/admin/accounts/user/{alice.pk}/change/", form).status_code == 302
    alice.refresh_from_db()
    assert (alice.name, alice.is_staff, alice.is_superuser) == ("Alicia", False, False)
    for path in (f"{staff.pk}/change/", f"{staff.pk}/password/"):
        assert helper.post(f"/admin/accounts/user/{path}", {**form, "name": "X"}).status_code == 403
    assert helper.post("/admin/auth/group/add/", {"name": "all"}).status_code == 403
    for path in ("suspend", "restore", "look"):
        response = helper.post(f"/admin/accounts/user/{alice.pk}/{path}/", {"reason": "Because I want to"})
        assert response.status_code == 403, path


def test_nobody_suspends_themselves_nor_somebody_above(staff: User, office: Client) -> None:
    helper = clerk_of_the_office("view_user", "suspend_user")
    why = {"reason": "A reason that is long enough"}
    helper.post(f"/admin/accounts/user/{staff.pk}/suspend/", why)
    office.post(f"/admin/accounts/user/{staff.pk}/suspend/", why)
    staff.refresh_from_db()
    assert staff.is_active


def test_a_password_set_by_staff_is_on_record(office: Client, browser: Client, alice: User) -> None:
    page = f"/admin/accounts/user/{alice.pk}/password/"
    new = {"password1": "staple battery horse", "password2": "staple battery horse", "usable_password": "true"}
    assert office.post(page, {**new, "password2": "other"}).status_code == 200
    assert not AuditEvent.objects.filter(action="accounts.password_set").exists()
    assert office.post(page, {**new, "set-password": "1"}).status_code == 302
    assert AuditEvent.objects.filter(action="accounts.password_set", subject_id=str(alice.pk)).count() == 1
    assert browser.get("/settings/").status_code == 302


def test_people_are_found_by_plan_state_and_words(office: Client, api: Client, alice: User, bob: User) -> None:
    choose_plan(bob, Plan.objects.get(slug="studio"), bob)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    api.get("/api/auth/user")

    def found(query: str) -> set[str]:
        page = office.get(f"/admin/accounts/user/?{query}")
        assert page.status_code == 200
        return {person.email for person in page.context["cl"].result_list}

    assert found("plan=Studio") == {"bob@example.com"}
    assert found("state=suspended") == {"bob@example.com"}
    assert found("plan=Free&state=open") == {"alice@example.com", "staff@example.com"}
    assert found("q=alice") == {"alice@example.com"}
    assert found("state=closed") == set()
    page = office.get("/admin/accounts/user/?o=5")
    seen = {person.email: person.last_seen for person in page.context["cl"].result_list}
    assert seen["alice@example.com"] == ApiKey.objects.get(owner=alice).last_used_at
    assert seen["bob@example.com"] is None


def test_lists_take_the_same_queries_for_one_and_for_many(office: Client, alice: User) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert office.get(path).status_code == 200
        return len(seen)

    paths = ("/admin/accounts/user/", "/admin/accounts/apikey/", "/admin/audit/auditevent/")
    issue_key(alice, "one")
    for path in paths:
        queries(path)
    few = [queries(path) for path in paths]
    for number in range(10):
        issue_key(User.objects.create_user(f"{number}@example.com"), "one")
    assert [queries(path) for path in paths] == few


def test_the_audit_log_is_filtered_by_area_and_by_who(office: Client, staff: User, alice: User) -> None:
    issued = issue_key(alice, "key")
    revoke_key(staff, issued.key)
    record(None, "billing.month_turned")

    def found(query: str) -> list[str]:
        return [event.action for event in office.get(f"/admin/audit/auditevent/?{query}").context["cl"].result_list]

    assert found("by=staff") == ["accounts.key_revoked"]
    assert found("by=people") == ["accounts.key_issued"]
    assert found("by=machine") == ["billing.month_turned"]
    assert found("area=billing") == ["billing.month_turned"]
    assert found("q=staff@example.com") == ["accounts.key_revoked"]


def test_the_log_of_who_did_what_is_read_and_never_written(office: Client, alice: User) -> None:
    issue_key(alice, "key")
    event = AuditEvent.objects.get(action="accounts.key_issued")
    assert "accounts.key_issued" in office.get("/admin/audit/auditevent/?q=alice").content.decode()
    page = f"/admin/audit/auditevent/{event.pk}"
    assert office.get(f"{page}/change/").status_code == 200
    assert office.get("/admin/audit/auditevent/add/").status_code == 403
    assert office.post(f"{page}/change/", {"action": "nothing"}).status_code == 403
    assert office.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
