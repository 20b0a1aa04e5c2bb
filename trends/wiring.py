"""Where the room enters the registers of the floors below it."""

from datetime import timedelta

from accounts.models import User
from kapture.core.choices import Platform
from kapture.core.demo import seeds
from kapture.core.health import probes
from kapture.gateways.health import vendor
from kapture.jobs import kinds
from kapture.jobs.kinds import JobKind
from trends.performing import perform_scrape
from trends.services import KIND, abandon_scrape, request_bulk_scrape, retry_scrape
from trends.specs import ScrapeSpec

DEMO_KEYWORDS = (("desk setup", "video hooks"), ("street food",))


def look_around(user: User) -> None:
    """Let the demo user scrape all platforms, so that the first pages have something real to show."""
    for keywords in DEMO_KEYWORDS:
        request_bulk_scrape(user, ScrapeSpec(Platform.YOUTUBE, keywords, limit=30), list(Platform))


seeds.append(look_around)
probes["apify"] = vendor("apify", "APIFY_API_TOKEN")
kinds.register(
    JobKind(
        name=KIND,
        label="Scrape",
        queue="scrape",
        perform=perform_scrape,
        abandon=abandon_scrape,
        retry=retry_scrape,
        deadline=timedelta(minutes=15),
        max_attempts=3,
    )
)
