"""The register of invariants: each floor and room adds queries that must find nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise with its number in the reliability programme; `offenders` yields the ids that break it."""

    name: str
    promise: str
    offenders: Callable[[], Iterable[Any]]


_invariants: list[Invariant] = []


def holds(name: str, promise: str, sql: str, **values: Any) -> None:
    """Register an invariant as a query whose first column names offenders."""

    def offenders() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(sql, {key: value() if callable(value) else value for key, value in values.items()})
            return [str(row[0]) for row in cursor.fetchmany(100)]

    _invariants.append(Invariant(name, promise, offenders))


def holds_by(name: str, promise: str, offenders: Callable[[], Iterable[Any]]) -> None:
    """Register an invariant that takes more than a query."""
    _invariants.append(Invariant(name, promise, offenders))


def verify() -> list[tuple[Invariant, list[str]]]:
    """Each invariant with the ids that break it (none, when all is well)."""
    return [(rule, [str(one) for one in rule.offenders()]) for rule in sorted(_invariants, key=lambda rule: rule.name)]
