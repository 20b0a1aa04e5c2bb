"""The backend API: users and sessions, for whoever holds the secret key."""

from collections.abc import Sequence

from kapture.sandbox.clerk.store import Obj, Store, addresses, new_user, now_ms, shown
from kapture.sandbox.clerk.webhooks import Sender
from kapture.sandbox.messages import BadRequestError, Request, Response
from kapture.sandbox.standin import Route

Names = dict[str, str]
CHANGEABLE = ("first_name", "last_name", "username", "external_id", "image_url", "banned", "primary_email_address_id")
PAGE = 10
MOST = 500


def missing(what: str) -> Response:
    """The answer about something that is not there (any more)."""
    return error(404, "resource_not_found", "Resource not found", f"No {what} was found with this id.")


def error(status: int, code: str, message: str, long_message: str = "") -> Response:
    """`{"errors": [{code, message, long_message}]}`."""
    told = {"code": code, "message": message, "long_message": long_message or message}
    return Response.json({"errors": [told], "clerk_trace_id": "sandbox"}, status)


class Api:
    """Routes under /v1 that need the secret key."""

    def __init__(self, store: Store, sender: Sender) -> None:
        self._store, self._sender = store, sender

    def routes(self) -> Sequence[Route]:
        """Keys, users and sessions."""
        return (
            Route("GET", "/v1/jwks", lambda *_: Response.json(self._store.keys.published())),
            Route("GET", "/v1/users", self._list),
            Route("POST", "/v1/users", self._create),
            Route("GET", "/v1/users/{user}", self._user),
            Route("PATCH", "/v1/users/{user}", self._change),
            Route("DELETE", "/v1/users/{user}", self._delete),
            Route("GET", "/v1/sessions/{session}", self._session),
            Route("POST", "/v1/sessions/{session}/revoke", self._revoke),
        )

    def add_user(self, email: str, first: str, last: str) -> Obj:
        """A new user; tells of it."""
        user = new_user(email, first, last)
        with self._store.lock:
            self._store.users[user["id"]] = user
        self._sender.emit("user.created", shown(user))
        return user

    def end_session(self, session: Obj, status: str) -> None:
        """End a session as `ended`, `removed` or `revoked`; tells of it."""
        with self._store.lock:
            if session["status"] != "active":
                return
            session |= {"status": status, "updated_at": now_ms()}
        self._sender.emit(f"session.{status}", shown(session))

    def _list(self, request: Request, _: Names) -> Response:
        wanted = request.query.get("email_address", "").lower()
        users = [user for user in self._store.users.values() if not wanted or wanted in addresses(user)]
        offset, limit = int(request.number("offset", 0)), int(request.number("limit", PAGE))
        return Response.json([shown(user) for user in users[offset : offset + min(limit, MOST)]])

    def _create(self, request: Request, _: Names) -> Response:
        body = request.json_object()
        given = body.get("email_address") or []
        email = given[0] if isinstance(given, list) and given else ""
        if not isinstance(email, str):
            raise BadRequestError("email_address must be a list of texts.")
        if email and self._store.user_of(email):
            return error(422, "form_identifier_exists", "That email address is taken. Please try another.")
        user = self.add_user(email, str(body.get("first_name") or ""), str(body.get("last_name") or ""))
        return Response.json(shown(user))

    def _user(self, request: Request, names: Names) -> Response:
        user = self._store.users.get(names["user"])
        return Response.json(shown(user)) if user else missing("user")

    def _change(self, request: Request, names: Names) -> Response:
        user, body = self._store.users.get(names["user"]), request.json_object()
        if user is None:
            return missing("user")
        unknown = set(body) - {*CHANGEABLE, "email_addresses", "updated_at"}
        if unknown:
            return error(422, "form_param_unknown", f"{', '.join(sorted(unknown))} is not a valid parameter.")
        with self._store.lock:
            user |= {"updated_at": max(now_ms(), user["updated_at"] + 1), **body}
        self._sender.emit("user.updated", shown(user))
        return Response.json(shown(user))

    def _delete(self, request: Request, names: Names) -> Response:
        with self._store.lock:
            user = self._store.users.pop(names["user"], None)
            if user is None:
                return missing("user")
            for session in self._store.sessions_of(user["id"]):
                session |= {"status": "removed", "updated_at": now_ms()}
        gone = {"id": user["id"], "object": "user", "deleted": True}
        self._sender.emit("user.deleted", gone)
        return Response.json(gone)

    def _session(self, request: Request, names: Names) -> Response:
        session = self._store.sessions.get(names["session"])
        return Response.json(shown(session)) if session else missing("session")

    def _revoke(self, request: Request, names: Names) -> Response:
        session = self._store.sessions.get(names["session"])
        if session is None:
            return missing("session")
        self.end_session(session, "revoked")
        return Response.json(shown(session))
