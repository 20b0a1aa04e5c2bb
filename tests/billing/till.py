"""A Stripe account in this process: what it says is told to Kapture by hand, once, twice or never."""

import json
from http import client
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db.models.functions import Now
from django.test import Client

from accounts.models import User
from billing.models import Customer, Plan, TopUpPack
from billing.services import start
from kapture.jobs.models import Job
from kapture.jobs.runner import run_job
from kapture.sandbox.server import Server
from kapture.sandbox.stripe.control import StripeControl
from kapture.sandbox.stripe.standin import StripeStandIn
from kapture.sandbox.stripe.store import Obj, shown
from kapture.sandbox.stripe.webhooks import signature

KEY, SECRET = "sk_test_till", "whsec_till"
ADDRESS = "/api/webhooks/stripe"


class Till(StripeControl):
    """The controls of the stand-in, and what it would send."""

    def __init__(self, server: Server) -> None:
        super().__init__(server.url)
        assert isinstance(server.stand_in, StripeStandIn)
        self.store = server.stand_in.store

    def told(self, *kinds: str) -> list[Obj]:
        """Whole events, oldest first."""
        with self.store.lock:
            return [shown(event) for event in self.store.oldest("event") if not kinds or event["type"] in kinds]

    def subscription(self, user: User) -> Obj:
        """The newest subscription of somebody, as the account knows it."""
        buyer = Customer.objects.get(user=user).stripe_id
        with self.store.lock:
            return shown(self.store.newest("subscription", lambda sub: bool(sub["customer"] == buyer))[0])

    def form(self, url: str, method: str = "POST", **fields: str) -> None:
        """Send a form to a page, or to the API with the key; `url` may be a path."""
        http = client.HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Bearer {KEY}"}
        http.request(method, urlsplit(url).path, urlencode(fields), headers)
        status = http.getresponse().status
        http.close()
        assert status < 400, (url, status)

    def buy(self, user: User, slug: str = "creator", way: str = "pay") -> str:
        """Somebody subscribes on the payment page; Kapture is told nothing yet. The id of the visit."""
        row = start(user, plan=Plan.objects.get(slug=slug))
        assert row.stripe_id is not None
        self.go(row.stripe_id, way)
        return row.stripe_id

    def top_up(self, user: User, kind: str = "scrape", way: str = "pay") -> str:
        """Somebody buys a pack on the payment page; Kapture is told nothing yet. The id of the visit."""
        row = start(user, pack=TopUpPack.objects.filter(kind=kind).order_by("position")[0])
        assert row.stripe_id is not None
        self.go(row.stripe_id, way)
        return row.stripe_id


def send(event: Obj | bytes, *, secret: str = SECRET, signed: str | None = None, by: Client | None = None) -> Any:
    """Post an event as Stripe does; `signed` replaces the right signature."""
    body = event if isinstance(event, bytes) else json.dumps(event, indent=2).encode()
    headers = {"Stripe-Signature": signature(body, secret) if signed is None else signed}
    return (by or Client()).post(ADDRESS, body, content_type="application/json", headers=headers)


def tell(till: Till, *kinds: str) -> None:
    """Send everything that happened (of some kinds) and apply it."""
    for event in till.told(*kinds):
        assert send(event).status_code == 200
    work()


def work() -> None:
    """Do what is due, as workers would, until nothing is left."""
    due = Job.objects.filter(state="queued", run_after__lte=Now()).order_by("created_at")
    while found := list(due.values_list("pk", flat=True)):
        for job_id in found:
            run_job(job_id)
