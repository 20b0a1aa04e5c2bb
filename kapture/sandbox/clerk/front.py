"""What browsers meet: hosted pages, the script, and the sessions behind them."""

import re
from collections.abc import Callable, Sequence
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

from kapture.sandbox.clerk import pages
from kapture.sandbox.clerk.api import Api, error
from kapture.sandbox.clerk.script import SCRIPT
from kapture.sandbox.clerk.store import Obj, Store, new_id, new_session, now_ms, shown
from kapture.sandbox.clerk.tokens import claims_of
from kapture.sandbox.messages import Request, Response
from kapture.sandbox.standin import Route

Names = dict[str, str]
CLIENT, SESSION = "__client", "__session"
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def origin_of(request: Request) -> str:
    """The address under which the stand-in was asked; it is also the issuer of tokens."""
    return f"http://{request.headers.get('host', '')}"


class Front:
    """Routes for browsers; a client is known by its `__client` cookie, as at Clerk."""

    def __init__(self, store: Store, api: Api, token_seconds: Callable[[], float]) -> None:
        self._store, self._api, self._token_seconds = store, api, token_seconds

    def routes(self) -> Sequence[Route]:
        """Hosted pages, the script and what it asks."""
        return (
            Route("GET", "/.well-known/jwks.json", lambda *_: Response.json(self._store.keys.published())),
            Route("GET", "/npm/@clerk/{package}/dist/clerk.browser.js", self._script),
            Route("GET", "/sign-in", self._sign_in),
            Route("POST", "/sign-in", self._choose),
            Route("GET", "/sign-up", self._sign_up),
            Route("POST", "/sign-up", self._register),
            Route("GET", "/sign-out", self._sign_out),
            Route("GET", "/v1/client", self._client),
            Route("GET", "/v1/client/handshake", self._handshake),
            Route("DELETE", "/v1/client/sessions", self._end),
            Route("POST", "/v1/client/sessions/{session}/tokens", self._token),
            Route("OPTIONS", "/v1/client/{rest...}", lambda request, _: _shared(request, Response(204))),
        )

    def token(self, request: Request, session: Obj, azp: str) -> str:
        """A token of a session, as Clerk would sign it now."""
        return self._store.keys.token(claims_of(session, origin_of(request), azp, self._token_seconds()), {})

    def _script(self, request: Request, _: Names) -> Response:
        return _shared(request, Response.text(SCRIPT, "text/javascript; charset=utf-8"))

    def _sign_in(self, request: Request, _: Names) -> Response:
        back = request.query.get("redirect_url", "")
        if _is_odd(back):
            return _odd()
        if self._here(request) is not None:
            return _go(f"/v1/client/handshake?{urlencode({'redirect_url': back})}")
        return _html(pages.sign_in(self._store.users.values(), _query(back), back))

    def _choose(self, request: Request, _: Names) -> Response:
        form = _form(request)
        user = self._store.users.get(form.get("user_id", ""))
        back = form.get("redirect_url", "")
        return _odd() if user is None or _is_odd(back) else self._begin(request, user, back)

    def _sign_up(self, request: Request, _: Names) -> Response:
        back = request.query.get("redirect_url", "")
        return _odd() if _is_odd(back) else _html(pages.sign_up(_query(back), back))

    def _register(self, request: Request, _: Names) -> Response:
        form = _form(request)
        back, email = form.get("redirect_url", ""), form.get("email_address", "").strip().lower()
        if _is_odd(back):
            return _odd()
        if not EMAIL.fullmatch(email):
            return _html(pages.sign_up(_query(back), back, "Enter a valid email address."), 422)
        if self._store.user_of(email):
            return _html(pages.sign_up(_query(back), back, "That email address is taken."), 422)
        user = self._api.add_user(email, form.get("first_name", "").strip(), form.get("last_name", "").strip())
        return self._begin(request, user, back)

    def _begin(self, request: Request, user: Obj, back: str) -> Response:
        client = _cookies(request).get(CLIENT) or new_id("client")
        parts = urlsplit(back)
        session = new_session(user["id"], client, f"{parts.scheme}://{parts.netloc}" if back else "")
        with self._store.lock:
            user["last_sign_in_at"] = now_ms()
            self._store.sessions[session["id"]] = session
            self._store.save()
        response = _go(f"/v1/client/handshake?{urlencode({'redirect_url': back})}")
        response.headers["set-cookie"] = f"{CLIENT}={client}; Path=/; HttpOnly; SameSite=Lax"
        return response

    def _handshake(self, request: Request, _: Names) -> Response:
        session, back = self._here(request), request.query.get("redirect_url", "")
        if _is_odd(back):
            return _odd()
        if session is None:
            return _go(f"/sign-in{_query(back)}")
        if not back:
            return _html(pages.words("Signed in", "Go back to the site you came from."))
        parts = urlsplit(back)
        response = _go(back)
        token = self.token(request, session, f"{parts.scheme}://{parts.netloc}")
        response.headers["set-cookie"] = f"{SESSION}={token}; Path=/; SameSite=Lax"
        return response

    def _sign_out(self, request: Request, _: Names) -> Response:
        back = request.query.get("redirect_url", "")
        if _is_odd(back):
            return _odd()
        self._end_here(request)
        response = _go(back) if back else _html(pages.words("Signed out", "You may close this page."))
        response.headers["set-cookie"] = f"{SESSION}=; Path=/; Max-Age=0; SameSite=Lax"
        return response

    def _client(self, request: Request, _: Names) -> Response:
        session = self._here(request)
        found = []
        if session is not None:
            found = [{**shown(session), "user": shown(self._store.users[session["user_id"]])}]
        active = session["id"] if session else None
        client = {"object": "client", "sessions": found, "last_active_session_id": active}
        return _shared(request, Response.json({"response": client, "client": None}))

    def _token(self, request: Request, names: Names) -> Response:
        session = self._here(request)
        if session is None or session["id"] != names["session"]:
            return _shared(request, error(404, "resource_not_found", "Session not found"))
        token = self.token(request, session, request.headers.get("origin", ""))
        return _shared(request, Response.json({"object": "token", "jwt": token}))

    def _end(self, request: Request, _: Names) -> Response:
        self._end_here(request)
        return _shared(request, Response.json({"response": None}))

    def _end_here(self, request: Request) -> None:
        session = self._here(request)
        if session is not None:
            self._api.end_session(session, "ended")

    def _here(self, request: Request) -> Obj | None:
        """The session of this browser, the last one it began that goes on."""
        client = _cookies(request).get(CLIENT)
        going_on = [
            session
            for session in list(self._store.sessions.values())
            if client and session["client_id"] == client and session["status"] == "active"
        ]
        return going_on[-1] if going_on else None


def _cookies(request: Request) -> dict[str, str]:
    try:
        found = SimpleCookie(request.headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in found.items()}


def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _is_odd(back: str) -> bool:
    """Whether an address to return to is none of this machine; Clerk takes those of its instance alone."""
    parts = urlsplit(back)
    return bool(back) and (parts.scheme not in ("http", "https") or parts.hostname not in ("127.0.0.1", "localhost"))


def _query(back: str) -> str:
    return f"?{urlencode({'redirect_url': back})}" if back else ""


def _odd() -> Response:
    return _html(pages.words("This does not work", "The address to return to or the person is not known here."), 400)


def _html(text: str, status: int = 200) -> Response:
    return Response.text(text, "text/html; charset=utf-8", status)


def _go(address: str) -> Response:
    return Response(303, {"location": address, "cache-control": "no-store"})


def _shared(request: Request, response: Response) -> Response:
    """Let the site that asks read the answer, with its cookies."""
    origin = request.headers.get("origin")
    if origin:
        response.headers |= {
            "access-control-allow-origin": origin,
            "access-control-allow-credentials": "true",
            "access-control-allow-methods": "GET, POST, DELETE, OPTIONS",
            "vary": "Origin",
        }
    return response
