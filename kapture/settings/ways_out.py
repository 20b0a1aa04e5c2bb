"""Readers of the settings of the downloader's way out; what makes no sense stops the start, and is not repeated."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from kapture.settings.env import env


def one_of(name: str, words: Sequence[str]) -> str:
    """One of these words, by default the first."""
    value: str = env.str(name, default=words[0])
    if value not in words:
        raise ImproperlyConfigured(f"{name} is one of {', '.join(words)}.")
    return value


def upstreams(name: str) -> tuple[str, ...]:
    """Addresses of proxies, with commas between; a comma within a password is written %2C."""
    values = tuple(filter(None, (part.strip() for part in env.str(name, default="").split(","))))
    for number, value in enumerate(values, 1):
        if not _is_proxy(value):
            raise ImproperlyConfigured(f"{name}: entry {number} is no address such as http://user:password@host:3128.")
    return values


def _is_proxy(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in {"http", "https"} and bool(parts.hostname and parts.port) and parts.path in {"", "/"}
    except ValueError:
        return False
