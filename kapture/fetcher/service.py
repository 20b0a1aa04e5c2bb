"""The download service as a WSGI application: who may ask, what may be asked, and what is answered."""

import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from kapture.fetcher.answers import Answer, plain, refuse, say, send, standing_of
from kapture.fetcher.desk import Desk, Full, Gone, Other
from kapture.fetcher.order import Ready
from kapture.fetcher.orders import BadOrder, read_order, read_seconds, read_url
from kapture.gateways.media import holding
from kapture.gateways.media.line import CONTRACT
from kapture.gateways.media.reasons import FetchFailed

MAX_BODY: Final = 64 << 10
RETRY_SECONDS: Final = "2"
Environ = Mapping[str, Any]


def checks() -> dict[str, tuple[str, str]]:
    """What stands around the downloads of this machine: a status and a sentence each."""
    return {"egress": holding.walls(), "javascript": holding.javascript(), "proxies": holding.proxies()}


class Service:
    """Answers requests of whoever knows the token; anybody may ask whether it lives."""

    def __init__(self, desk: Desk, token: str) -> None:
        self.desk = desk
        self._token = token.encode()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        answer = self._answer(environ)
        kept = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **answer.headers}
        start_response(answer.status_line, list(kept.items()))
        return answer.body

    def _answer(self, environ: Environ) -> Answer:
        method = environ["REQUEST_METHOD"]
        path = [part for part in environ["PATH_INFO"].split("/") if part]
        known = self._knows(environ.get("HTTP_AUTHORIZATION", ""))
        if path == ["health"] and method in {"GET", "HEAD"}:
            told = {**self.desk.standing(), "checks": checks()} if known else {}
            return say(200, {"status": "ok", "contract": CONTRACT, **told})
        if not known:
            return refuse(401, "the token is wrong or missing", WWW_Authenticate="Bearer")
        match method, path:
            case "POST", ["download"]:
                return self._with_body(environ, self._start)
            case "POST", ["preview"]:
                return self._with_body(environ, self._look)
            case "GET", ["download", key]:
                order = self.desk.find(key)
                return say(200, standing_of(order)) if order else refuse(404, "no such download")
            case "DELETE", ["download", key]:
                self.desk.forget(key)
                return Answer(204)
            case "GET", ["download", key, "files", name]:
                return self._file(key, name, environ.get("HTTP_RANGE", ""))
        return refuse(404, "no such address, or not with this method")

    def _knows(self, header: str) -> bool:
        scheme, _, token = header.partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self._token)

    def _with_body(self, environ: Environ, answer: Callable[[Mapping[str, Any]], Answer]) -> Answer:
        length = str(environ.get("CONTENT_LENGTH") or "")
        if not (length.isascii() and length.isdigit()):
            return refuse(411, "the length of the body is missing")
        if int(length) > MAX_BODY:
            return refuse(413, "the body is too large")
        try:
            values = json.loads(environ["wsgi.input"].read(int(length)))
        except (ValueError, RecursionError):
            return refuse(400, "the body is no JSON")
        if not isinstance(values, dict):
            return refuse(400, "the body is no object")
        try:
            return answer(values)
        except BadOrder as error:
            return refuse(400, str(error)[:500])
        except Full:
            return refuse(429, "all places are taken", Retry_After=RETRY_SECONDS)
        except Other:
            return refuse(409, "another order has this key")
        except Gone:
            return refuse(410, "the order with this key is over")

    def _start(self, values: Mapping[str, Any]) -> Answer:
        key, request = read_order(values)
        return say(202, {"id": self.desk.start(key, request).key})

    def _look(self, values: Mapping[str, Any]) -> Answer:
        try:
            return say(200, plain(self.desk.look(read_url(values), read_seconds(values))))
        except FetchFailed as failure:
            return say(200, {"failed": plain(failure)})

    def _file(self, key: str, name: str, wanted: str) -> Answer:
        order = self.desk.find(key)
        result = order.result if order else None
        if order is None or not isinstance(result, Ready) or name not in result.files:
            return refuse(404, "no such file")
        return send(order.folder / name, wanted, order)
