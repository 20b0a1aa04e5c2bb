"""Timing of things against each other in one run, because machines are noisy and ratios are not."""

import statistics
import time
from collections.abc import Callable, Mapping


def interleaved(rounds: int, **actions: Callable[[], object]) -> dict[str, list[float]]:
    """Milliseconds of each action, taken in turns; the first round warms up and is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in actions}
    for turn in range(rounds + 1):
        for name, action in actions.items():
            began = time.perf_counter()
            action()
            if turn:
                taken[name].append((time.perf_counter() - began) * 1000)
    return taken


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20)[-1]


def show(title: str, taken: Mapping[str, list[float]]) -> None:
    """Print median and p95 of each."""
    print(f"\n{title}")  # noqa: T201
    for name, values in taken.items():
        print(f"  {name:28} p50 {statistics.median(values):8.2f} ms   p95 {p95(values):8.2f} ms")  # noqa: T201
