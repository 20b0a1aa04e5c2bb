"""Vendors' SDKs are loaded by whoever first calls the vendor, because most processes never do (decision 0010)."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def later(module: str, homes: dict[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a module (PEP 562) that finds each of some names in its home, loaded at the first asking."""

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        return getattr(import_module(homes[name]), name)

    return find
