"""Who is told when a scrape has looked or ended: registers that the rooms above fill while the apps load."""

from collections.abc import Callable, Sequence
from uuid import UUID

from trends.models import Scrape

# Called inside the transaction that stores a batch, with the ids of the trends met in it: all happens or nothing.
looked: list[Callable[[Scrape, Sequence[UUID]], None]] = []
# Called inside the transaction that ends a scrape, whichever way it ended.
ended: list[Callable[[Scrape], None]] = []


def tell_looked(scrape: Scrape, met: Sequence[UUID]) -> None:
    """Tell every listener which trends a batch met, when it met any."""
    if met:
        for listener in looked:
            listener(scrape, met)


def tell_ended(scrape: Scrape) -> None:
    """Tell every listener that a scrape is over."""
    for listener in ended:
        listener(scrape)
