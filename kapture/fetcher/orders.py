"""What a caller may order: an address and how it is wanted, within limits that only ever become tighter."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from kapture.gateways.egress import MAX_URL_LENGTH
from kapture.gateways.media import engine
from kapture.gateways.media.types import FetchRequest, Limits
from kapture.gateways.media.wire import read_request

KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{15,99}")


class BadOrder(Exception):
    """An order that makes no sense; its text is for the caller's log."""


def read_order(values: Mapping[str, Any]) -> tuple[str, FetchRequest]:
    """The caller's key and what is to be fetched; raises `BadOrder`.

    Which addresses are open and how much may be used at most are settings of this machine, whatever the order says.
    """
    key = values.get("key")
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise BadOrder("key: 16 to 100 letters, digits, - and _")
    given = {"limits": {}, "kind": "video", "quality": "best", "target": "", **values}
    line = json.dumps({**given, "allow": [], "preview": False}).encode()
    try:
        request, _ = read_request(line)
        limits = tightened(engine.limits(), request.limits)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadOrder(f"{type(error).__name__}: {error}") from error
    return key, replace(request, url=read_url(values), limits=limits, allow=engine.allowed())


def read_url(values: Mapping[str, Any]) -> str:
    """The address of an order as it was written; whether it may be fetched is the engine's to say."""
    url = values.get("url")
    if not isinstance(url, str) or not 0 < len(url) <= MAX_URL_LENGTH:
        raise BadOrder(f"url: up to {MAX_URL_LENGTH} characters")
    return url


def read_seconds(values: Mapping[str, Any]) -> float:
    """How long a look may take, at most as long as this machine allows."""
    seconds = values.get("seconds", engine.PREVIEW_SECONDS)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise BadOrder("seconds: a positive number")
    return min(engine.PREVIEW_SECONDS, float(seconds))


def tightened(own: Limits, asked: Limits) -> Limits:
    """Our limits, and the caller's where those are tighter; memory and free space are this machine's alone."""
    lower = ("max_bytes", "max_seconds", "slow_seconds", "look_seconds", "socket_seconds")
    values = {name: min(getattr(own, name), getattr(asked, name)) for name in lower}
    values["min_speed"] = max(own.min_speed, asked.min_speed)
    if not all(value > 0 for value in values.values()):
        raise ValueError("limits are positive numbers")
    return replace(own, **values)
