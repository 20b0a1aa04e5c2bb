"""Events of Clerk as they reach us, and the work they lead to."""

import json
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from kapture.jobs.models import Job
from kapture.jobs.runner import run_job
from kapture.sandbox.clerk.webhooks import signed
from tests.gateways.identity.instance import SECRET, Clerk

ADDRESS = "/api/webhooks/clerk"


def event(kind: str, data: dict[str, Any], ident: str = "msg_test") -> dict[str, Any]:
    """An event that never happened at the instance."""
    return {"id": ident, "body": json.dumps({"type": kind, "data": data, "object": "event", "timestamp": 1})}


def events(clerk: Clerk, kind: str = "") -> list[dict[str, Any]]:
    """What happened at the instance, oldest first."""
    found: list[dict[str, Any]] = clerk.get("/_sandbox/events")
    return [told for told in found if kind in ("", json.loads(told["body"])["type"])]


def deliver(told: dict[str, Any], secret: str = SECRET, **headers: str) -> Any:
    """The answer to one delivery."""
    signature = signed(told["id"], told["body"], secret, datetime.now(UTC))
    return Client().post(ADDRESS, told["body"].encode(), content_type="application/json", headers=signature | headers)


def work() -> None:
    """Do what waits, and what that leads to."""
    while ids := list(Job.objects.filter(state="queued").values_list("pk", flat=True)):
        for job_id in ids:
            run_job(job_id)


def bearer(token: str) -> Client:
    """A program that speaks for somebody signed in at Clerk."""
    return Client(headers={"Authorization": f"Bearer {token}"})
