"""Posts from the platforms: Apify actors find them, one normaliser per platform brings them into one shape."""

from typing import TYPE_CHECKING

from kapture.gateways.later import later
from kapture.gateways.scraping.normalise import normalise, refused
from kapture.gateways.scraping.switch import require_on
from kapture.gateways.scraping.types import (
    ContentType,
    DatePrecision,
    DateRange,
    Page,
    Post,
    Rejected,
    RejectReason,
    RunState,
    ScrapeQuery,
    VendorRun,
)

if TYPE_CHECKING:
    from kapture.gateways.scraping.apify import Scraper
else:
    __getattr__ = later(__name__, {"Scraper": "kapture.gateways.scraping.apify"})

__all__ = [
    "ContentType",
    "DatePrecision",
    "DateRange",
    "Page",
    "Post",
    "RejectReason",
    "Rejected",
    "RunState",
    "ScrapeQuery",
    "Scraper",
    "VendorRun",
    "normalise",
    "refused",
    "require_on",
]
