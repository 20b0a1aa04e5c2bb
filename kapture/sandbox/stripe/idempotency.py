"""Idempotency keys: the same request answers the same, another one under the same key is refused."""

import hashlib

from kapture.sandbox.messages import Answer, Request, Response
from kapture.sandbox.stripe.errors import RefusedError
from kapture.sandbox.stripe.store import Store

KEPT_SECONDS = 24 * 3_600


def answer_once(store: Store, key: str, request: Request, work: Answer) -> Response:
    """The answer of `work`, which is kept for a day; a refusal it raises is not kept."""
    asked = hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.body).hexdigest()
    kept = store.find("idempotency", key)
    if kept and kept["created"] > store.now() - KEPT_SECONDS:
        if kept["asked"] != asked:
            raise RefusedError(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
            )
        headers = {"content-type": "application/json; charset=utf-8", "idempotent-replayed": "true"}
        return Response(kept["status"], headers, kept["body"].encode())
    response = work()
    body = b"".join(response.parts()).decode()
    made = {"id": key, "object": "idempotency", "created": store.now()}
    store.add({**made, "asked": asked, "status": response.status, "body": body})
    return response
