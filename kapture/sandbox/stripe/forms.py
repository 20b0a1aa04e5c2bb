"""Bodies and queries as Stripe's clients write them: `a[b][0][c]=d`."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from kapture.sandbox.messages import Request
from kapture.sandbox.stripe.errors import RefusedError

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
Params = dict[str, Any]


def read(request: Request) -> Params:
    """The parameters of a request: those of the body where there is one, else those of the query."""
    try:
        body = parse_qsl(request.body.decode(), keep_blank_values=True)
    except ValueError as error:
        raise RefusedError("Invalid request body.") from error
    return decode([*request.query.items(), *body])


def decode(pairs: Iterable[tuple[str, str]]) -> Params:
    """Nested dicts and lists; raises `RefusedError` for names that cannot be read or contradict each other."""
    root: Params = {}
    for name, value in pairs:
        found = _NAME.fullmatch(name)
        if not found:
            raise RefusedError(f"Invalid parameter name: {name}", param=name)
        path = [found[1], *re.findall(r"\[([^\[\]]*)\]", found[2])]
        place = root
        for index, step in enumerate(path[:-1]):
            place = place.setdefault(step or str(len(place)), {})
            if not isinstance(place, dict):
                raise RefusedError(f"Invalid parameter: {name}", param="".join(path[: index + 1]))
        place[path[-1] or str(len(place))] = value
    return {name: _listed(name, value) for name, value in root.items()}


def _listed(name: str, value: Any) -> Any:
    """Dicts with the keys 0, 1, 2 as lists, but for metadata, whose keys are the caller's own."""
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(key, item) for key, item in value.items()}
    if name != "metadata" and inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def only(params: Params, *names: str) -> Params:
    """The parameters, if there are none but these."""
    unknown = [name for name in params if name not in {*names, "expand"}]
    if unknown:
        raise RefusedError(f"Received unknown parameter: {unknown[0]}", param=unknown[0], code="parameter_unknown")
    return params


def need(params: Params, name: str) -> str:
    """A parameter that must be there."""
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise RefusedError(f"Missing required param: {name}.", param=name, code="parameter_missing")
    return value


def flag(value: Any, name: str) -> bool:
    """`true` or `false`."""
    if value not in ("true", "false"):
        raise RefusedError(f"Invalid boolean: {value}", param=name)
    return bool(value == "true")


def number(value: Any, name: str) -> int:
    """A whole number."""
    if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,15}", value):
        raise RefusedError(f"Invalid integer: {value}", param=name, code="parameter_invalid_integer")
    return int(value)


def merged(old: dict[str, Any], params: Params) -> dict[str, Any]:
    """Metadata with the named keys changed; an empty value removes a key."""
    changed = params.get("metadata") or {}
    if not isinstance(changed, dict):
        raise RefusedError("Invalid hash", param="metadata")
    return {key: value for key, value in {**old, **changed}.items() if value != ""}
