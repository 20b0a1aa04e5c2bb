"""Where the room enters the registers of the floors below it."""

from datetime import timedelta

from kapture.jobs import kinds
from kapture.jobs.kinds import JobKind
from trends.performing import perform_scrape
from trends.services import KIND, abandon_scrape, retry_scrape

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
