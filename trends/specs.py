"""What can be asked of the room, as values that cannot be wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kapture.core.choices import Platform
from kapture.core.errors import InvalidInput
from kapture.gateways.scraping import DateRange, ScrapeQuery

# The kind of the jobs that search.
KIND: Final = "trends.scrape"
MAX_KEYWORDS: Final = 10
MAX_KEYWORD: Final = 100
MAX_LIMIT: Final = 100
DEFAULT_LIMIT: Final = 10
MAX_VIEWS: Final = 2**63 - 1
# The languages people can pick; others are not refused by a platform but by this list, to keep typing mistakes out.
LANGUAGES: Final[Mapping[str, str]] = {
    "ar": "Arabic", "bn": "Bengali", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "ne": "Nepali", "nl": "Dutch",
    "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish",
    "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


def clean_keywords(given: Sequence[str]) -> tuple[str, ...]:
    """Keywords with single spaces, each once whatever its case, in order."""
    words = (" ".join(word.split()) for word in given)
    return tuple({word.casefold(): word for word in reversed([word for word in words if word])}.values())[::-1]


@dataclass(frozen=True, slots=True)
class ScrapeSpec:
    """A search on one platform, which costs one scrape unit; raises `InvalidInput` naming each wrong field."""

    platform: Platform
    keywords: tuple[str, ...]
    limit: int = DEFAULT_LIMIT
    date_range: DateRange | None = None
    min_views: int | None = None
    language: str = ""

    def __post_init__(self) -> None:
        wrong = {
            "keywords": self._wrong_keywords(),
            "limit": "" if 1 <= self.limit <= MAX_LIMIT else f"From 1 to {MAX_LIMIT}.",
            "minViews": "" if self.min_views is None or 0 <= self.min_views <= MAX_VIEWS else "Not below 0.",
            "language": "" if self.language in {"", *LANGUAGES} else "Not a language that can be chosen.",
        }
        if errors := {field: [message] for field, message in wrong.items() if message}:
            raise InvalidInput(errors)

    def _wrong_keywords(self) -> str:
        if not 1 <= len(self.keywords) <= MAX_KEYWORDS:
            return f"From 1 to {MAX_KEYWORDS} keywords; there are {len(self.keywords)}."
        if any(not 1 <= len(word) <= MAX_KEYWORD for word in self.keywords):
            return f"Each keyword has from 1 to {MAX_KEYWORD} characters."
        return ""

    @property
    def query(self) -> ScrapeQuery:
        """The same for the gateway."""
        return ScrapeQuery(
            self.platform, self.keywords, self.limit, self.date_range, self.min_views or None, self.language
        )

    @property
    def title(self) -> str:
        """What its job is called."""
        return f"{self.platform.label}: {', '.join(self.keywords)}"
