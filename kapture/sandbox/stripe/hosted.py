"""The hosted pages' paths: checkout, billing portal, invoices."""

from collections.abc import Sequence

from kapture.sandbox.messages import BadRequestError, Request, Response
from kapture.sandbox.standin import Route
from kapture.sandbox.stripe import pages, prices
from kapture.sandbox.stripe.account import Account
from kapture.sandbox.stripe.checkouts import Way
from kapture.sandbox.stripe.forms import read
from kapture.sandbox.stripe.pages import button, day, facts, heading, line, link, money, page, section
from kapture.sandbox.stripe.pdf import document
from kapture.sandbox.stripe.store import Obj
from kapture.sandbox.stripe.subscriptions import LIVING

Names = dict[str, str]


class Hosted:
    """Pages for browsers; forms answer with 303, so that going back or reloading repeats nothing."""

    def __init__(self, account: Account) -> None:
        self._account, self._store = account, account.store

    def routes(self) -> Sequence[Route]:
        """Every path."""
        return (
            Route("GET", "/c/pay/{id}", self._checkout),
            Route("POST", "/c/pay/{id}/{way}", self._go),
            Route("GET", "/p/session/{id}", self._portal),
            Route("POST", "/p/session/{id}/{action}", self._act),
            Route("GET", "/i/{id}", self._invoice),
            Route("POST", "/i/{id}/pay", self._pay_invoice),
            Route("GET", "/i/{id}/pdf", self._pdf),
        )

    def _checkout(self, request: Request, names: Names) -> Response:
        session = self._store.find("checkout.session", names["id"])
        if session is None:
            return _nothing()
        price = prices.find(self._store, session["_price"])
        assert price
        if session["status"] == "open":
            return self._open_checkout(session, price)
        paid = session["status"] == "complete"
        title = "This is paid" if paid else "This page has expired"
        back = _filled(session) if paid else session["cancel_url"]
        told = "There is nothing left to do here." if paid else "Nothing was charged."
        return page(title, section(heading(title), line(told), link(back, "Back to Kapture")))

    def _open_checkout(self, session: Obj, price: Obj) -> Response:
        name, base = prices.name_of(self._store, price), f"/c/pay/{session['id']}"
        subscribing = session["mode"] == "subscription"
        title = f"Subscribe to {name}" if subscribing else f"Buy {name}"
        buyer = self._account.need("customer", session["customer"])
        problem = line(session["_problem"], "bad") if session.get("_problem") else ""
        top = (heading(title), line(f"For {buyer['email'] or buyer['id']}", "soft"), pages.price_tag(price), problem)
        if session.get("_second_step"):
            asked = line("Your bank wants to know that this is you. The payment is not made yet.")
            ways = (button(f"{base}/{Way.CONFIRM}", "Confirm", main=True), button(f"{base}/{Way.REFUSE}", "Refuse"))
            return page(title, section(*top), section(heading("Confirm the payment", 2), asked, *ways))
        trial = session["_trial_days"]
        told = line(f"The first {trial} days are free. Nothing is charged today.") if trial else ""
        label = "Start the trial" if trial else f"Pay {money(price['unit_amount'], price['currency'])}"
        others = [
            button(f"{base}/{Way.DECLINED}", "Pay with a card that is declined"),
            button(f"{base}/{Way.SECOND_STEP}", "Pay with a card that needs a second step"),
        ]
        if not subscribing:
            others.append(button(f"{base}/{Way.BANK}", "Pay by bank transfer, which arrives in three days"))
        return page(
            title,
            section(*top, told, button(f"{base}/{Way.PAY}", label, main=True)),
            section(heading("Try another way", 2), *others),
            link(session["cancel_url"], "Cancel and go back"),
        )

    def _go(self, request: Request, names: Names) -> Response:
        session = self._store.find("checkout.session", names["id"])
        if session is None or names["way"] not in list(Way):
            return _nothing()
        self._account.checkouts.go(session, Way(names["way"]))
        return _see(_filled(session) if session["status"] == "complete" else f"/c/pay/{session['id']}")

    def _portal(self, request: Request, names: Names) -> Response:
        visit = self._store.find("billing_portal.session", names["id"])
        if visit is None:
            return _nothing()
        buyer = self._account.need("customer", visit["customer"])
        base = f"/p/session/{visit['id']}"
        subs = self._store.newest("subscription", lambda sub: bool(sub["customer"] == buyer["id"]))
        living = [sub for sub in subs if sub["status"] in LIVING]
        boxes = [self._subscription(sub, base) for sub in living]
        if not boxes:
            boxes = [section(heading("No subscription", 2), line("You have none at the moment.", "soft"))]
        papers = self._store.newest("invoice", lambda paper: bool(paper["customer"] == buyer["id"]))
        rows = pages.invoice_rows(papers) if papers else line("There are none yet.", "soft")
        back = [link(visit["return_url"], "Back to Kapture")] if visit["return_url"] else []
        top = [heading("Your billing"), line(buyer["email"] or buyer["id"], "soft")]
        return page("Your billing", *top, *boxes, _card(buyer, base), section(heading("Invoices", 2), rows), *back)

    def _subscription(self, sub: Obj, base: str) -> str:
        bought = sub["items"]["data"][0]
        name, end = prices.name_of(self._store, bought["price"]), bought["current_period_end"]
        leaves = sub["cancel_at"]
        rows = [
            ("Status", pages.state(sub["status"])),
            ("Price", f"{money(bought['price']['unit_amount'], sub['currency'])} a {_interval(bought['price'])}"),
            ("Ends on", day(leaves)) if leaves else ("Renews on", day(end)),
        ]
        ways = [
            button(
                f"{base}/change",
                f"Change to {prices.name_of(self._store, price)}, {_tag(price)}",
                price=price["id"],
                subscription=sub["id"],
            )
            for price in self._store.oldest("price")
            if price["recurring"] and price["active"] and price["id"] != bought["price"]["id"]
        ]
        way = ("keep", "Do not cancel") if leaves else ("cancel", f"Cancel on {day(end)}")
        return section(heading(name, 2), facts(rows), *ways, button(f"{base}/{way[0]}", way[1], subscription=sub["id"]))

    def _act(self, request: Request, names: Names) -> Response:
        visit = self._store.find("billing_portal.session", names["id"])
        if visit is None:
            return _nothing()
        buyer, form = self._account.need("customer", visit["customer"]), read(request)
        subs = self._store.newest("subscription", lambda sub: bool(sub["customer"] == buyer["id"]))
        living = {sub["id"]: sub for sub in subs if sub["status"] in LIVING}
        if names["action"] in ("declined", "works"):
            buyer["_card"] = names["action"]
            for sub in living.values() if names["action"] == "works" else []:
                self._account.subscriptions.pay_open(sub)
        elif str(form.get("subscription")) in living:
            self._change(living[form["subscription"]], names["action"], str(form.get("price")))
        return _see(f"/p/session/{visit['id']}")

    def _change(self, sub: Obj, action: str, price: str) -> None:
        match action:
            case "cancel" | "keep":
                self._account.subscriptions.cancel_later(sub, wanted=action == "cancel", by_portal=True)
            case "change":
                self._account.change_price(sub, [{"price": price}])
            case _:
                raise BadRequestError(f"Unknown action {action}.")

    def _invoice(self, request: Request, names: Names) -> Response:
        paper = self._store.find("invoice", names["id"])
        if paper is None:
            return _nothing()
        title = f"Invoice {paper['number']}"
        pay = [button(f"/i/{paper['id']}/pay", f"Pay {_due(paper)}", main=True)] if paper["status"] == "open" else []
        pdf = link(f"/i/{paper['id']}/pdf", "Download as PDF")
        return page(title, section(heading(title), facts(_rows(paper)), *pay, pdf))

    def _pay_invoice(self, request: Request, names: Names) -> Response:
        paper = self._store.find("invoice", names["id"])
        if paper is None:
            return _nothing()
        sub = self._store.find("subscription", paper["parent"]["subscription_details"]["subscription"])
        if sub:
            self._account.subscriptions.pay_open(sub)
        return _see(f"/i/{paper['id']}")

    def _pdf(self, request: Request, names: Names) -> Response:
        paper = self._store.find("invoice", names["id"])
        if paper is None:
            return _nothing()
        lines = [f"Invoice {paper['number']}", *(f"{name}: {value}" for name, value in _rows(paper))]
        headers = {"content-disposition": f'attachment; filename="invoice-{paper["number"]}.pdf"'}
        body = document([*lines, "", "Made by the Stripe stand-in. No money moved."])
        return Response(200, {"content-type": "application/pdf", **headers}, body)


def _card(buyer: Obj, base: str) -> str:
    works = buyer["_card"] == "works"
    told = line("Card ending in 4242") if works else line("Card ending in 0341. The next payment will fail.", "bad")
    way = ("declined", "Make the next payment fail") if works else ("works", "Use a card that works")
    return section(heading("Payment method", 2), told, button(f"{base}/{way[0]}", way[1]))


def _rows(paper: Obj) -> list[tuple[str, str]]:
    bought = paper["lines"]["data"][0]
    return [
        ("Status", pages.state(paper["status"])),
        ("Date", day(paper["created"])),
        ("For", paper["customer_email"] or paper["customer"]),
        (bought["description"], f"{day(bought['period']['start'])} to {day(bought['period']['end'])}"),
        ("Amount", _due(paper)),
        ("Paid", money(paper["amount_paid"], paper["currency"])),
    ]


def _due(paper: Obj) -> str:
    return money(paper["amount_due"], paper["currency"])


def _tag(price: Obj) -> str:
    return f"{money(price['unit_amount'], price['currency'])} a {_interval(price)}"


def _interval(price: Obj) -> str:
    return str(price["recurring"]["interval"])


def _filled(session: Obj) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _see(address: str) -> Response:
    return Response(303, {"location": address})


def _nothing() -> Response:
    return page("Nothing here", section(heading("Nothing here"), line("This address leads nowhere.")), status=404)
