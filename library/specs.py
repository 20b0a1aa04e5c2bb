"""What may be asked of the library, as values that cannot be wrong."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import TextChoices

from kapture.core.choices import Platform
from kapture.core.errors import InvalidInput
from library.terms import Terms

MAX_CHARS = 300
MAX_WORDS = 40


class Kind(TextChoices):
    """What an item of the library is."""

    TREND = "trend", "Trends"
    DOWNLOAD = "download", "Downloads"
    BOARD = "board", "Boards"

    @property
    def singular(self) -> str:
        """One of them in words."""
        return self.value.capitalize()


class Sort(TextChoices):
    """In which order items are shown."""

    NEWEST = "newest", "Newest first"
    BEST = "best", "Best match"


@dataclass(frozen=True, slots=True)
class LibraryQuery:
    """Which items are wanted: all when nothing is given.

    `q` is text to look for (at most 300 characters and 40 words), `kind` one type, `platforms` any of these. Without
    text there is no best match, so the order is by time then.
    """

    q: str = ""
    kind: Kind | None = None
    platforms: tuple[Platform, ...] = ()
    sort: Sort = Sort.NEWEST

    def __post_init__(self) -> None:
        text = " ".join(self.q.split())
        if "\0" in text:
            raise InvalidInput({"q": ["The text holds a NUL character."]})
        if len(text) > MAX_CHARS:
            raise InvalidInput({"q": [f"At most {MAX_CHARS} characters; there are {len(text):,}."]})
        if text.count(" ") >= MAX_WORDS:
            raise InvalidInput({"q": [f"At most {MAX_WORDS} words; there are {text.count(' ') + 1:,}."]})
        object.__setattr__(self, "q", text)
        object.__setattr__(self, "platforms", tuple(dict.fromkeys(self.platforms)))
        if not text:
            object.__setattr__(self, "sort", Sort.NEWEST)

    @classmethod
    def read(cls, *, q: str = "", kind: str = "", platforms: Iterable[str] = (), sort: str = "") -> "LibraryQuery":
        """The query of raw words; the order of a search is by match unless said. Raises `InvalidInput` by field."""
        wrong: dict[str, list[str]] = {}
        names = [name for name in platforms if name]
        if kind and kind not in Kind:
            wrong["type"] = [_not_one_of(kind, Kind.values)]
        if sort and sort not in Sort:
            wrong["sort"] = [_not_one_of(sort, Sort.values)]
        if unknown := [name for name in names if name not in Platform]:
            wrong["platform"] = [_not_one_of(unknown[0], Platform.values)]
        if wrong:
            raise InvalidInput(wrong)
        order = Sort(sort) if sort else Sort.BEST
        return cls(q, Kind(kind) if kind else None, tuple(Platform(name) for name in names), order)

    @property
    def terms(self) -> Terms | None:
        """How the text is looked for; None when there is none."""
        return Terms.of(self.q) if self.q else None

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.q or self.kind or self.platforms)

    def anywhere(self) -> "LibraryQuery":
        """The same text without filters."""
        return replace(self, kind=None, platforms=())


def _not_one_of(given: str, allowed: Iterable[str]) -> str:
    return f"“{given[:40]}” is not one of {', '.join(allowed)}."
