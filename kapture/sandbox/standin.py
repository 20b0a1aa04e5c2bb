"""What every stand-in has: routes, knobs, a journal and a fault queue, with their controls under /_sandbox/."""

import re
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from kapture.sandbox.faults import Fault, FaultQueue
from kapture.sandbox.journal import Journal
from kapture.sandbox.messages import Answer, BadRequestError, Request, Response
from kapture.sandbox.misbehave import misbehave

Knob = float | str | bool
Handler = Callable[[Request, dict[str, str]], Response]
CONTROL = "/_sandbox/"


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path such as `/v2/actor-runs/{run}`; `{rest...}` also takes slashes."""

    method: str
    path: str
    handler: Handler

    def pattern(self) -> re.Pattern[str]:
        """The path as a regular expression with named groups."""
        text = re.sub(r"\\{(\w+)\\\.\\\.\\\.\\}", r"(?P<\1>.+)", re.escape(self.path))
        return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", text))


class StandIn:
    """A vendor's wire protocol without its vendor; subclasses give `routes` and their error envelope."""

    name: ClassVar[str] = ""
    knobs: ClassVar[dict[str, Knob]] = {}

    def __init__(self, **knobs: Knob) -> None:
        self.closing = threading.Event()
        self.journal = Journal()
        self.faults = FaultQueue()
        self._initial = {**self.knobs}
        self.settings = {**self.knobs}
        self.turn(**knobs)
        self._initial = {**self.settings}
        self._routes = [(route.method, route.pattern(), route.handler) for route in (*self._controls(), *self.routes())]

    def routes(self) -> Sequence[Route]:
        """The vendor's paths this stand-in answers."""
        raise NotImplementedError

    def refuse(self, status: int, message: str) -> Response:
        """An error in the vendor's envelope."""
        raise NotImplementedError

    def reset(self) -> None:
        """Forget what clients made, faults, journal and changed knobs."""
        self.settings = {**self._initial}
        self.faults.clear()
        self.journal.clear()

    def close(self) -> None:
        """Let go of every request that hangs on purpose; the server calls it when it stops."""
        self.closing.set()

    def turn(self, **knobs: Knob) -> None:
        """Change knobs; raises `BadRequestError` for an unknown name or a value of another type."""
        for name, value in knobs.items():
            if name not in self.knobs:
                raise BadRequestError(f"Unknown knob {name}; there are {', '.join(self.knobs)}.")
            kind = type(self.knobs[name])
            if not isinstance(value, (int, float) if kind is float else kind):
                raise BadRequestError(f"{name} must be of type {kind.__name__}.")
            self.settings[name] = float(value) if kind is float else value

    def seconds(self, name: str) -> float:
        """A numeric knob."""
        return float(self.settings[name])

    def handle(self, request: Request) -> Response:
        """The answer to a request, spoiled when a fault waits for it; controls are never spoiled or noted."""
        if request.path.startswith(CONTROL):
            return self._answer(request)
        fault = self.faults.take(request)
        self.journal.note(request, fault)

        def answer() -> Response:
            return self.guard(request, lambda: self._answer(request))

        return misbehave(fault, answer, self.refuse, self.closing) if fault else answer()

    def tunnel(self, target: str) -> ssl.SSLContext | None:
        """The encryption at the other end of a tunnel to `host:port`; None where this stand-in is no proxy."""
        return None

    def guard(self, request: Request, answer: Answer) -> Response:
        """A place for what holds for every answer of one vendor; nothing by default."""
        return answer()

    def _answer(self, request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        known = False
        for wanted, pattern, handler in self._routes:
            found = pattern.fullmatch(request.path)
            known = known or bool(found)
            if found and wanted == method:
                try:
                    return handler(request, found.groupdict())
                except BadRequestError as error:
                    return self.refuse(400, str(error))
        return self.refuse(405, "Method not allowed.") if known else self.refuse(404, "Nothing is served at this path.")

    def _controls(self) -> Sequence[Route]:
        return (
            Route("GET", f"{CONTROL}faults", lambda *_: Response.json(self.faults.waiting())),
            Route("POST", f"{CONTROL}faults", self._add_faults),
            Route("DELETE", f"{CONTROL}faults", lambda *_: self._done(self.faults.clear)),
            Route("GET", f"{CONTROL}requests", self._show_requests),
            Route("DELETE", f"{CONTROL}requests", lambda *_: self._done(self.journal.clear)),
            Route("GET", f"{CONTROL}settings", lambda *_: Response.json(self.settings)),
            Route("POST", f"{CONTROL}settings", self._turn_knobs),
            Route("POST", f"{CONTROL}reset", lambda *_: self._done(self.reset)),
            Route("GET", f"{CONTROL}health", lambda *_: Response.json({"name": self.name, "status": "ok"})),
        )

    def _add_faults(self, request: Request, _: dict[str, str]) -> Response:
        value = request.json()
        faults = [Fault.parse(item) for item in (value if isinstance(value, list) else [value])]
        for fault in faults:
            self.faults.add(fault)
        return Response.json(self.faults.waiting(), 201)

    def _show_requests(self, request: Request, _: dict[str, str]) -> Response:
        return Response.json(self.journal.entries(request.query.get("route", "*"), int(request.number("since", 0))))

    def _turn_knobs(self, request: Request, _: dict[str, str]) -> Response:
        self.turn(**request.json_object())
        return Response.json(self.settings)

    def _done(self, action: Callable[[], None]) -> Response:
        action()
        return Response(204)
