"""What must always hold of trends (each is registered as T01 to T04)."""

from kapture.core.oracle import holds

holds(
    "T01 totals",
    "The total of a platform of an owner is the number of their trends there.",
    """
    SELECT total.id FROM trends_platformtotal AS total
    WHERE total.count <> (
        SELECT count(*) FROM trends_trend AS trend
        WHERE trend.owner_id = total.owner_id AND trend.platform = total.platform
    )
    """,
)
holds(
    "T02 every item has an outcome",
    "What a scrape read is stored, merged or rejected with a reason.",
    """
    SELECT id FROM trends_scrape
    WHERE read <> stored + merged + (SELECT coalesce(sum(value::int), 0) FROM jsonb_each_text(rejected))
    """,
)
holds(
    "T03 one owner",
    "A scrape belongs to the owner of its job, and a trend to the owner of the scrape that saw it last.",
    """
    SELECT scrape.id FROM trends_scrape AS scrape JOIN jobs_job AS job ON job.id = scrape.job_id
    WHERE scrape.owner_id <> job.owner_id
    UNION ALL
    SELECT trend.id FROM trends_trend AS trend JOIN trends_scrape AS scrape ON scrape.id = trend.scrape_id
    WHERE trend.owner_id <> scrape.owner_id
    """,
)
holds(
    "T04 intent before start",
    "A vendor's run is never known without the intent that preceded it.",
    "SELECT id FROM trends_scrape WHERE run_ref <> '' AND intent_at IS NULL",
)
