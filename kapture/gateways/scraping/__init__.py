"""Posts from the platforms: providers find them, normalisers bring them into one shape."""

from kapture.gateways.scraping.contract import Scraper, scraper
from kapture.gateways.scraping.normalise import normalise, refused
from kapture.gateways.scraping.switch import PROVIDERS, Choice, Provider, choice, choices, require_on
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
    "PROVIDERS",
    "Choice",
    "ContentType",
    "DatePrecision",
    "DateRange",
    "Page",
    "Post",
    "Provider",
    "RejectReason",
    "Rejected",
    "RunState",
    "ScrapeQuery",
    "Scraper",
    "VendorRun",
    "choice",
    "choices",
    "normalise",
    "refused",
    "require_on",
    "scraper",
]
