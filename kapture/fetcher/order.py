"""One download that the service has in hand: a thread that runs the engine, and what is known of it so far."""

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from kapture.core.files import sha256
from kapture.gateways.media import engine
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import About, Fetched, FetchRequest, Progress

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """A finished fetch, with size and SHA-256 of each of its files by name."""

    fetched: Fetched
    files: dict[str, tuple[int, str]]


class Order:
    """A fetch under way in a folder of its own; `asked` is when its caller last showed that it lives."""

    def __init__(self, key: str, request: FetchRequest, folder: Path) -> None:
        self.key, self.request, self.folder = key, request, folder
        self.about: About | None = None
        self.progress: Progress | None = None
        self.result: Ready | FetchFailed | None = None
        self.over = threading.Event()
        self.asked = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=key, daemon=True)

    def start(self) -> None:
        """Begin, in the background."""
        self._thread.start()

    def touch(self) -> None:
        """Note that somebody wants it."""
        self.asked = time.monotonic()

    def end(self, seconds: float) -> bool:
        """Stop it and answer whether it is over, which takes a moment, at most `seconds`."""
        self._ended.set()
        return self.over.wait(seconds)

    def _run(self) -> None:
        try:
            fetched = engine.fetch(
                self.request,
                scratch=self.folder,
                on_progress=self._heard,
                stopped=self._ended.is_set,
                on_about=self._told,
            )
            # The engine has read the media itself already.
            measured = {fetched.path.name: (fetched.facts.size, fetched.facts.sha256)}
            for path in fetched.files[1:]:
                measured[path.name] = (path.stat().st_size, sha256(path))
            self.result = Ready(fetched, measured)
        except FetchFailed as failure:
            self.result = failure
        except Exception as error:  # whatever it is, the caller is to hear of it
            logger.exception("an order broke: %s", self.key)
            self.result = FetchFailed(Reason.CRASHED, detail=f"{type(error).__name__}: {error}")
        finally:
            self.over.set()

    def _heard(self, progress: Progress) -> None:
        self.progress = progress

    def _told(self, about: About) -> None:
        self.about = about
