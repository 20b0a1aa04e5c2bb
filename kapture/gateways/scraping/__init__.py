"""Posts from the platforms: Apify actors find them, one normaliser per platform brings them into one shape."""

from kapture.gateways.scraping.apify import Scraper, require_on
from kapture.gateways.scraping.normalise import normalise, refused
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
