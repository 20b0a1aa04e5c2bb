"""Each kind of staff may do in admin what offices.py says and no more, and whatever they do is on record with it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import Error, connection
from django.test import Client

from billing.models import Customer, Plan, Subscription, TopUpPack
from kapture.audit.models import AuditEvent
from kapture.core.dryrun import TakenBack
from kapture.inbox.models import WebhookEvent
from tests.architecture.asking import NOBODYS
from tests.architecture.offices import OFFICES, Office
from tests.architecture.persons import Who
from tests.architecture.policy import Outcome
from tests.architecture.things import THINGS
from tests.architecture.world import World, nothing_written, turn_clerk_off, undrawn
from tests.tables import changed, fingerprints
from tests.thorough import THOROUGH, some

pytestmark = pytest.mark.django_db
OUTSIDE = (Who.ANONYMOUS, Who.OWNER, Who.OTHER_KEY, Who.SUSPENDED)
# What may change without being on record: what Django's own history of admin notes, and that somebody was there.
NOTED = {"django_admin_log", "django_session", "usersessions_usersession"}
BREAK_AUDIT = """
    CREATE FUNCTION refuse_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no record'; END $$;
    CREATE TRIGGER refuse_audit BEFORE INSERT ON audit_auditevent FOR EACH ROW EXECUTE FUNCTION refuse_audit();
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to the admin; a write is one that must be allowed by the office."""

    method: str
    path: str
    body: Mapping[str, Any]
    writes: bool = False
    allowed: bool = True

    def send(self, client: Client) -> Any:
        """Send it as a form."""
        return client.get(self.path) if self.method == "GET" else client.post(self.path, dict(self.body))


def subject(office: Office, world: World, folder: Path) -> dict[str, Any]:
    """A row of the kind, by its primary key, and what forms name."""
    plan = Plan.objects.get(slug="creator")
    match office.of:
        case "":
            return {"pk": NOBODYS, "plan": plan.pk}
        case "person":
            return {"pk": world.alice.pk}
        case "group":
            return {"pk": Group.objects.create(name="Old").pk}
        case "plan":
            return {"pk": plan.pk}
        case "pack":
            return {"pk": TopUpPack.objects.earliest("position").pk}
        case "subscription" | "customer":
            customer = Customer.objects.create(user=world.alice, stripe_id="cus_1")
            row = Subscription.objects.create(user=world.alice, granted_plan=plan)
            return {"pk": row.pk if office.of == "subscription" else customer.pk, "plan": plan.pk}
        case "event":
            return {"pk": WebhookEvent.objects.create(provider="stripe", event_id="e", kind="k", payload={}).pk}
    return THINGS[office.of](world.alice, folder)


def visits(label: str, office: Office, world: World, values: Mapping[str, Any]) -> Iterator[Visit]:
    """Everything one may try with rows of a kind."""
    root = f"/admin/{label.replace('.', '/')}"
    one = f"{root}/{values['pk']}"

    def filled(body: Mapping[str, Any]) -> dict[str, Any]:
        return {key: values.get(value, value) if value == "plan" else value for key, value in body.items()}

    yield Visit("GET", f"{root}/", {})
    if office.of:
        yield Visit("GET", f"{one}/change/", {})
        yield Visit("GET", f"{one}/history/", {})
    yield Visit("POST", f"{root}/add/", filled(office.add), True, bool(office.add))
    yield Visit("POST", f"{one}/change/", filled(office.change), True, bool(office.change))
    yield Visit("POST", f"{one}/delete/", {"post": "yes"}, True, office.delete)
    for name, body in office.pages.items():
        yield Visit("POST", f"{one}/{name}/", body, True)
    for name, body in office.lists.items():
        yield Visit("POST", f"{root}/{name}/", filled(body), True)
    for action in ("delete_selected", *office.actions):
        chosen = {"action": action, "_selected_action": str(values["pk"]), "post": "yes"}
        yield Visit("POST", f"{root}/", {**chosen, **office.actions.get(action, {})}, True, action in office.actions)


def outcome(response: Any) -> Outcome | str:
    """What became of a visit."""
    if response.status_code == 302 and response["Location"].startswith(("/admin/login/", "/accounts/login/")):
        return Outcome.LOGIN
    return {200: Outcome.IN, 302: Outcome.IN, 403: Outcome.REFUSED}.get(response.status_code, str(response.status_code))


def expected(who: Who, office: Office, visit: Visit) -> Outcome:
    """The rule: nobody outside, nothing without permission, nothing that the office does not have."""
    if who in OUTSIDE:
        return Outcome.LOGIN
    if who in (Who.LOOKING, Who.STAFF):
        return Outcome.REFUSED
    if not visit.writes:
        return Outcome.IN
    may = visit.allowed and who is not Who.VIEWER and (who is Who.SUPERUSER or not office.chiefs)
    # An action that one may not do is not offered: what is sent is a list that is asked for again.
    return Outcome.IN if may or "action" in visit.body else Outcome.REFUSED


def who_comes(visit: Visit) -> Sequence[Who]:
    """Everybody; where whoever may look gets the same dear page, one of them. Every day the ends of the scale come."""
    if not THOROUGH:
        return (Who.ANONYMOUS, Who.STAFF, Who.VIEWER) if not visit.writes else (Who.STAFF, Who.VIEWER, Who.SUPERUSER)
    if not visit.writes:
        return (*OUTSIDE, Who.STAFF, Who.VIEWER, Who.LOOKING)
    if "action" in visit.body and not visit.allowed:
        return (*OUTSIDE, Who.STAFF, Who.SUPERUSER, Who.LOOKING)
    return (*OUTSIDE, Who.STAFF, Who.VIEWER, Who.CLERK, Who.SUPERUSER, Who.LOOKING)


def test_every_kind_of_row_in_admin_has_an_office() -> None:
    assert {model._meta.label_lower for model in admin.site._registry} == set(OFFICES)


@pytest.mark.parametrize("label", some(list(OFFICES), 6))
def test_the_office_is_kept_for_everybody(label: str, world: World, settings: Any, tmp_path: Path) -> None:
    turn_clerk_off(settings)
    office, wrong = OFFICES[label], {}
    with TakenBack():
        values = subject(office, world, tmp_path)
        for visit in visits(label, office, world, values):
            for who in who_comes(visit):
                may = (
                    visit.allowed and who in (Who.CLERK, Who.SUPERUSER) and (who is Who.SUPERUSER or not office.chiefs)
                )
                with world.happening(who), nullcontext() if who is Who.SUPERUSER else undrawn():
                    if visit.writes and may:
                        got = outcome(visit.send(world.client(who)))
                    else:
                        with nothing_written(f"{who} at {visit.method} {visit.path} {visit.body}"):
                            got = outcome(visit.send(world.client(who)))
                if got != expected(who, office, visit):
                    wrong[f"{who.value}: {visit.method} {visit.path}"] = f"{got}, not {expected(who, office, visit)}"
    assert wrong == {}


WRITING = [label for label, office in OFFICES.items() if office != Office(office.of)]


@pytest.mark.parametrize("label", some(WRITING, 8))
def test_what_staff_write_is_on_record_or_not_written(label: str, world: World, settings: Any, tmp_path: Path) -> None:
    turn_clerk_off(settings)
    office = OFFICES[label]
    with TakenBack():
        values = subject(office, world, tmp_path)
        for visit in visits(label, office, world, values):
            if not (visit.writes and visit.allowed):
                continue
            what = f"{visit.path} {visit.body}"
            with TakenBack(), undrawn():
                before, known = fingerprints(NOTED), AuditEvent.objects.count()
                visit.send(world.client(Who.SUPERUSER))
                touched = changed(before) - {"audit_auditevent"}
                added = AuditEvent.objects.filter(actor=world.staff).count() and AuditEvent.objects.count() - known
                assert touched or "retry" in what or "restore" in what, f"{what} does nothing"
                assert added or not touched, f"{what} wrote {touched} without a record"
            with TakenBack(), undrawn():
                break_audit()
                before = fingerprints(NOTED)
                with suppress(Error):
                    visit.send(world.client(Who.SUPERUSER))
                assert changed(before) == set(), f"{what} goes on without a record"


def break_audit() -> None:
    """Let nothing be put on record any more."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(BREAK_AUDIT)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


NAMES = {
    "/admin/": Outcome.IN,
    "/admin/accounts/": Outcome.IN,
    "/admin/jsi18n/": Outcome.IN,
    "/admin/nothing/": Outcome.MISSING,
}


@pytest.mark.parametrize("path", NAMES)
def test_the_frame_of_the_admin_is_for_staff(path: str, world: World, settings: Any) -> None:
    turn_clerk_off(settings)
    for who in OUTSIDE:
        with world.happening(who):
            assert outcome(world.client(who).get(path)) == Outcome.LOGIN, who
    assert outcome(world.client(Who.LOOKING).get(path)) == Outcome.REFUSED
    response = world.client(Who.SUPERUSER).get(path)
    assert response.status_code == {Outcome.IN: 200, Outcome.MISSING: 404}[NAMES[path]]
