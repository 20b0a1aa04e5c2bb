"""The stand-in's own page: the account's clock, and what became of its events."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html import escape

from kapture.sandbox.messages import Request, Response
from kapture.sandbox.standin import Route
from kapture.sandbox.stripe.account import Account
from kapture.sandbox.stripe.pages import button, facts, heading, line, page, section
from kapture.sandbox.stripe.periods import DAY
from kapture.sandbox.stripe.store import Obj

SHOWN = 30
DAYS = {"1": "One day on", "7": "One week on", "31": "One month on"}


class Desk:
    """For people who try things by hand; tests use the controls."""

    def __init__(self, account: Account, send: Callable[[str], None]) -> None:
        self._account, self._store, self._send = account, account.store, send

    def routes(self) -> Sequence[Route]:
        """Every path."""
        return (
            Route("GET", "/", self._show),
            Route("POST", "/clock/{days}", self._move),
            Route("POST", "/events/{id}/send", self._send_again),
        )

    def _show(self, request: Request, _: dict[str, str]) -> Response:
        clock = section(
            heading("Clock", 2),
            facts([("The account's time", _moment(self._store.now()))]),
            line("Going on in time renews subscriptions, ends trials and brings bank transfers. It cannot go back."),
            *(button(f"/clock/{days}", text) for days, text in DAYS.items()),
        )
        rows = "".join(map(_row, self._store.newest("event")[:SHOWN]))
        events = f"<table>{rows}</table>" if rows else line("Nothing happened yet.", "soft")
        return page("Stripe stand-in", heading("Stripe stand-in"), clock, section(heading("Events", 2), events))

    def _move(self, request: Request, names: dict[str, str]) -> Response:
        if names["days"] in DAYS:
            moment = self._store.now() + int(names["days"]) * DAY
            self._account.calendar.catch_up(moment)
            self._store.jump(moment)
        return Response(303, {"location": "/"})

    def _send_again(self, request: Request, names: dict[str, str]) -> Response:
        if self._store.find("event", names["id"]):
            self._send(names["id"])
        return Response(303, {"location": "/"})


def _row(event: Obj) -> str:
    tries = event["_tries"]
    state = "Delivered" if event["_delivered"] else f"Failed {len(tries)} times" if tries else "Not sent"
    when = escape(_moment(event["created"]))
    # A long name may break after its dots.
    kind = escape(event["type"]).replace(".", ".<wbr>")
    told = f'{kind}<br><span class="soft">{when}<br>{state}</span>'
    again = button(f"/events/{event['id']}/send", "Send")
    return f"<tr><td>{told}</td><td>{again}</td></tr>"


def _moment(seconds: int) -> str:
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{at.day} {at:%b %Y, %H:%M} UTC"
