"""Readers of the settings of the scraping providers; what makes no sense stops the start."""

from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from kapture.settings.env import env

OFF: Final = "off"
# What can search a platform; the gateway's own list is made of the product's types, which settings cannot load.
ABLE: Final = {
    "youtube": ("apify", "ytdlp", OFF),
    "tiktok": ("apify", OFF),
    "reddit": ("apify", "reddit", OFF),
    "x": ("apify", OFF),
}


def providers(text: str, *, has_token: bool) -> dict[str, str]:
    """Platform -> provider, from text such as `youtube=ytdlp,x=off`; platforms that are not named are left out."""
    chosen: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        platform, _, provider = (part.strip() for part in entry.partition("="))
        if platform not in ABLE:
            raise ImproperlyConfigured(f"SCRAPING_PROVIDERS: {entry!r} names no platform; there are {', '.join(ABLE)}.")
        if provider not in ABLE[platform]:
            raise ImproperlyConfigured(f"SCRAPING_PROVIDERS: {platform} is one of {', '.join(ABLE[platform])}.")
        if platform in chosen:
            raise ImproperlyConfigured(f"SCRAPING_PROVIDERS names {platform} twice.")
        if provider == "apify" and not has_token:
            raise ImproperlyConfigured(f"SCRAPING_PROVIDERS: {platform}=apify needs APIFY_API_TOKEN.")
        chosen[platform] = provider
    return chosen


def address(name: str, *, default: str) -> str:
    """An http(s) address without a path, or nothing."""
    value: str = env.str(name, default=default).rstrip("/")
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path):
        raise ImproperlyConfigured(f"{name} must be an address such as https://host:443.")
    return value
