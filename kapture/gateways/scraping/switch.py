"""Whether Apify is on."""

from django.conf import settings

from kapture.core.errors import Unavailable

SERVICE = "apify"


def require_on() -> None:
    """Raise `Unavailable` with what to set while no token is configured."""
    if not settings.APIFY_API_TOKEN:
        raise Unavailable(
            "Scraping is switched off: set APIFY_API_TOKEN to a token of your Apify account.",
            details={"service": SERVICE, "setting": "APIFY_API_TOKEN"},
        )
