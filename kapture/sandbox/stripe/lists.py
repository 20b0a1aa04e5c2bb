"""Lists as Stripe pages them, and objects put in place of their ids."""

from collections.abc import Sequence
from typing import Any

from kapture.sandbox.messages import Response
from kapture.sandbox.stripe.errors import RefusedError, missing
from kapture.sandbox.stripe.forms import Params, number
from kapture.sandbox.stripe.store import Obj, Store, shown

PAGING = ("limit", "starting_after", "ending_before")
_KINDS = {
    "customer": "customer",
    "latest_invoice": "invoice",
    "invoice": "invoice",
    "subscription": "subscription",
    "product": "product",
}
_COMPARE = {
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
}


def one(store: Store, obj: Obj, params: Params) -> Response:
    """One object, with what the caller wants expanded."""
    return Response.json(_expanded(store, shown(obj), params, ""))


def page(store: Store, found: Sequence[Obj], params: Params, url: str) -> Response:
    """One page of objects that are in order, newest first."""
    found = [obj for obj in found if _made(obj, params.get("created"))]
    limit = number(params.get("limit", "10"), "limit")
    if not 1 <= limit <= 100:
        raise RefusedError("Invalid integer: must be between 1 and 100", param="limit")
    if "ending_before" in params:
        before = found[: _place(found, params, "ending_before")]
        data, more = before[-limit:], len(before) > limit
    else:
        rest = found[_place(found, params, "starting_after") + 1 :] if "starting_after" in params else found
        data, more = rest[:limit], len(rest) > limit
    listed = [_expanded(store, shown(obj), params, "data.") for obj in data]
    return Response.json({"object": "list", "data": listed, "has_more": more, "url": url})


def _place(found: Sequence[Obj], params: Params, name: str) -> int:
    for place, obj in enumerate(found):
        if obj["id"] == params[name]:
            return place
    raise missing("object", str(params[name]), name, 400)


def _made(obj: Obj, wanted: Any) -> bool:
    """Whether an object was made when `created` says: at a time, or within bounds."""
    if wanted is None:
        return True
    if not isinstance(wanted, dict):
        return bool(obj["created"] == number(wanted, "created"))
    for name, value in wanted.items():
        if name not in _COMPARE:
            raise RefusedError(f"Received unknown parameter: created[{name}]", param=f"created[{name}]")
        if not _COMPARE[name](obj["created"], number(value, f"created[{name}]")):
            return False
    return True


def _expanded(store: Store, value: Obj, params: Params, prefix: str) -> Obj:
    for path in params.get("expand", []):
        if path.startswith(prefix):
            _expand(store, value, str(path).removeprefix(prefix).split("."))
    return value


def _expand(store: Store, value: Any, steps: list[str]) -> None:
    if isinstance(value, list):
        for item in value:
            _expand(store, item, steps)
        return
    if not isinstance(value, dict) or steps[0] not in value:
        raise RefusedError(f"This property cannot be expanded ({'.'.join(steps)}).", param="expand")
    name, rest = steps[0], steps[1:]
    if isinstance(value[name], str) and name in _KINDS:
        value[name] = shown(store.find(_KINDS[name], value[name]) or {"id": value[name]})
    if rest and value[name] is not None:
        _expand(store, value[name], rest)
