"""The Clerk stand-in: what browsers meet, what servers ask, and controls for tests."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from kapture.sandbox.clerk.api import Api, error
from kapture.sandbox.clerk.front import Front, origin_of
from kapture.sandbox.clerk.store import Obj, Store, new_session, shown
from kapture.sandbox.clerk.tokens import check, claims_of, minted
from kapture.sandbox.clerk.webhooks import Sender
from kapture.sandbox.messages import Answer, BadRequestError, Request, Response
from kapture.sandbox.standin import CONTROL, Knob, Route, StandIn

BACKEND = ("/v1/users", "/v1/sessions", "/v1/jwks")
CODES = {
    400: "request_body_invalid",
    401: "authentication_invalid",
    404: "resource_not_found",
    429: "too_many_requests",
}


class ClerkStandIn(StandIn):
    """An instance of Clerk on one port; `file` keeps its people and keys between starts."""

    name = "clerk"
    knobs: ClassVar[dict[str, Knob]] = {
        "secret_key": "",  # when set, the only key that is let in
        "token_seconds": 60.0,  # how long session tokens are good
        "webhook_url": "",  # where events are sent
        "webhook_secret": "",  # whsec_…
        "deliver": True,  # whether events are sent by themselves
        "copies": 1.0,  # how often each event is sent
        "delay": 0.0,  # seconds before an event is sent
        "shuffle": False,  # whether events overtake each other
        "retries": 5.0,  # how often an event that was not taken is sent again
        "retry_seconds": 0.5,  # wait before the first of these, doubled each time
    }

    def __init__(self, file: Path | None = None, **knobs: Knob) -> None:
        self.store = Store(file)
        super().__init__(**knobs)

    def routes(self) -> Sequence[Route]:
        """The instance's own, and what the sandbox alone offers."""
        self.sender = Sender(self.store, lambda name: self.settings[name], self.closing)
        self.api = Api(self.store, self.sender)
        self.front = Front(self.store, self.api, lambda: self.seconds("token_seconds"))
        return (
            *self.front.routes(),
            *self.api.routes(),
            Route("POST", f"{CONTROL}tokens", self._mint),
            Route("POST", f"{CONTROL}rotate", self._rotate),
            Route("GET", f"{CONTROL}keys", self._keys),
            Route("GET", f"{CONTROL}people", self._people),
            Route("GET", f"{CONTROL}events", self._events),
            Route("POST", f"{CONTROL}events", self._emit),
            Route("POST", f"{CONTROL}deliveries", self._send),
        )

    def refuse(self, status: int, message: str) -> Response:
        """An error in Clerk's envelope."""
        return error(
            status, CODES.get(status, "internal_clerk_error" if status >= 500 else "form_param_invalid"), message
        )

    def reset(self) -> None:
        """Forget the people too; keys stay."""
        super().reset()
        self.store.clear()

    def guard(self, request: Request, answer: Answer) -> Response:
        """Nothing of the backend without the secret key."""
        if not request.path.startswith(BACKEND):
            return answer()
        if not request.bearer:
            return error(401, "authentication_invalid", "Missing Authorization header.")
        if self.settings["secret_key"] not in ("", request.bearer):
            return error(401, "clerk_key_invalid", "The provided Clerk Secret Key is invalid.")
        return answer()

    def _mint(self, request: Request, _: dict[str, str]) -> Response:
        wish = request.json_object()
        check(wish)
        session = self._session_for(wish)
        right = claims_of(session, origin_of(request), str(wish.get("azp", "")), self.seconds("token_seconds"))
        token, claims = minted(self.store.keys, wish, right)
        return Response.json({"token": token, "claims": claims, "session": shown(session)}, 201)

    def _session_for(self, wish: dict[str, Any]) -> Obj:
        """The session that is named, or a new one of the user that is named (the first when none is)."""
        with self.store.lock:
            if known := self.store.sessions.get(str(wish.get("session", ""))):
                return known
            user = self.store.user_of(str(wish["user"])) if "user" in wish else next(iter(self.store.users.values()))
            if user is None:
                raise BadRequestError("There is no such user.")
            session = new_session(user["id"], "client_sandbox", "")
            self.store.sessions[session["id"]] = session
            return session

    def _rotate(self, request: Request, _: dict[str, str]) -> Response:
        with self.store.lock:
            self.store.keys.rotate()
            self.store.save()
        return Response.json(self.store.keys.published(), 201)

    def _keys(self, request: Request, _: dict[str, str]) -> Response:
        return Response.json({"pem": self.store.keys.pem(), **self.store.keys.published()})

    def _people(self, request: Request, _: dict[str, str]) -> Response:
        return Response.json({name: [shown(obj) for obj in found.values()] for name, found in self._tables()})

    def _tables(self) -> Sequence[tuple[str, dict[str, Obj]]]:
        return (("users", self.store.users), ("sessions", self.store.sessions))

    def _events(self, request: Request, _: dict[str, str]) -> Response:
        return Response.json(self.store.events)

    def _emit(self, request: Request, _: dict[str, str]) -> Response:
        """Any event, such as one of a session, or one that never happened."""
        body = request.json_object()
        if not isinstance(body.get("type"), str) or not isinstance(body.get("data"), dict):
            raise BadRequestError("An event has a type and data.")
        return Response.json(self.sender.emit(body["type"], body["data"]), 201)

    def _send(self, request: Request, _: dict[str, str]) -> Response:
        body = request.json_object()
        ids, copies = body.get("ids"), int(body.get("copies", 1))
        if not isinstance(ids, list):
            raise BadRequestError("ids must be a list.")
        signing = {name: body[name] for name in ("late_seconds", "secret") if name in body}
        return Response.json(self.sender.send(ids, copies=copies, parallel=bool(body.get("parallel")), **signing))
