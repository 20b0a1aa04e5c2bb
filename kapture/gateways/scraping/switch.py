"""Which provider asks which platform, and what to set where none does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from kapture.core.choices import Platform
from kapture.core.errors import Unavailable

SERVICE: Final = "apify"
OFF: Final = "off"


@dataclass(frozen=True, slots=True)
class Provider:
    """Whoever finds posts: its name in settings, rows and breakers, its words on pages, and what it can search."""

    name: str
    label: str
    platforms: frozenset[Platform]
    # Whether it keeps runs that cost money and can be found again.
    has_runs: bool = False


PROVIDERS: Final[Mapping[str, Provider]] = {
    one.name: one
    for one in (
        Provider(SERVICE, "Apify", frozenset(Platform), has_runs=True),
        Provider("ytdlp", "YouTube’s search", frozenset({Platform.YOUTUBE})),
        Provider("reddit", "Reddit’s public listing", frozenset({Platform.REDDIT})),
    )
}
KEY_FREE: Final[Mapping[Platform, str]] = {Platform.YOUTUBE: "ytdlp", Platform.REDDIT: "reddit"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Who asks a platform here; without anybody `why` says what to set."""

    platform: Platform
    provider: Provider | None
    why: str = ""


def choice(platform: Platform) -> Choice:
    """Who asks a platform: whom SCRAPING_PROVIDERS names, else Apify with its token, else the way without a key."""
    named = settings.SCRAPING_PROVIDERS.get(platform.value)
    if named == OFF:
        return Choice(platform, None, f"{platform.label} is switched off here (SCRAPING_PROVIDERS).")
    chosen = named or (SERVICE if settings.APIFY_API_TOKEN else KEY_FREE.get(platform, SERVICE))
    if chosen == SERVICE and not settings.APIFY_API_TOKEN:
        why = f"{platform.label} is switched off: set APIFY_API_TOKEN to a token of your Apify account."
        return Choice(platform, None, why)
    return Choice(platform, PROVIDERS[chosen])


def choices() -> list[Choice]:
    """Who asks each platform."""
    return [choice(platform) for platform in Platform]


def is_asked(provider: str) -> bool:
    """Whether a provider asks any platform here."""
    return any(one.provider is not None and one.provider.name == provider for one in choices())


def require_on(platform: Platform) -> Provider:
    """Who asks a platform; raises `Unavailable` with what to set while nobody does."""
    chosen = choice(platform)
    if chosen.provider is None:
        raise Unavailable(chosen.why, details={"platform": platform.value, "setting": "APIFY_API_TOKEN"})
    return chosen.provider


def require_token() -> None:
    """Raise `Unavailable` with what to set while there is no token of Apify."""
    if not settings.APIFY_API_TOKEN:
        raise Unavailable(
            "Apify is switched off: set APIFY_API_TOKEN to a token of your Apify account.",
            details={"service": SERVICE, "setting": "APIFY_API_TOKEN"},
        )
