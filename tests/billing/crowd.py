"""Many at once, each on a connection of their own that stays open from round to round."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from types import TracebackType
from typing import Self, TypeVar
from uuid import UUID

from django.db import connection

from accounts.models import User
from billing.models import UsagePeriod
from billing.services import release, reserve
from kapture.core.choices import UsageKind
from kapture.core.errors import UsageExceeded
from kapture.core.ids import new_id

Answer = TypeVar("Answer")


class Crowd:
    """`size` threads that do things at once; their connections are closed when it is left."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._pool = ThreadPoolExecutor(size)

    def do(self, calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
        """Do all of it, as many at once as there are threads, and give the answers in the order of the calls."""
        together = Barrier(min(self._size, len(calls)))

        def begin(number: int, call: Callable[[], Answer]) -> Answer:
            if number < together.parties:
                together.wait(30)
            return call()

        return [found.result() for found in [self._pool.submit(begin, *pair) for pair in enumerate(calls)]]

    def _leave(self, all_here: Barrier) -> None:
        all_here.wait(30)
        connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        all_here = Barrier(self._size)
        for _ in range(self._size):
            self._pool.submit(self._leave, all_here)
        self._pool.shutdown()


def take(user: User, amount: int = 1) -> UUID | None:
    """Hold units; what they are held for, or None when it was refused."""
    source = new_id()
    try:
        reserve(user, UsageKind.SCRAPE, amount, source_id=source)
    except UsageExceeded:
        return None
    return source


def race_for_the_last(user: User, limit: int, *, rounds: int) -> None:
    """Fifty at once for the last unit of somebody's month, again and again: one gets it each time."""
    for _ in range(limit - 1):
        assert take(user)
    with Crowd(8) as crowd:
        for _ in range(rounds):
            won = [source for source in crowd.do([partial(take, user)] * 50) if source]
            assert len(won) == 1
            assert UsagePeriod.objects.get(user=user, kind=UsageKind.SCRAPE).held == limit
            release(won[0])
