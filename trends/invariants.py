"""What must always hold of trends (each is registered as T01 to T08)."""

from kapture.core.oracle import holds

holds(
    "T01 totals",
    "The total of a platform of an owner is the number of their trends there that are not in the trash.",
    """
    SELECT total.id FROM trends_platformtotal AS total
    WHERE total.count <> (
        SELECT count(*) FROM trends_trend AS trend
        WHERE trend.owner_id = total.owner_id AND trend.platform = total.platform AND trend.trashed_at IS NULL
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
holds(
    "T05 one owner of a watch",
    "An alert and its trend belong to the owner of the watch, and so does every search of its runs.",
    """
    SELECT alert.id FROM trends_alert AS alert
    JOIN trends_rule AS rule ON rule.id = alert.rule_id JOIN trends_watch AS watch ON watch.id = rule.watch_id
    JOIN trends_trend AS trend ON trend.id = alert.trend_id
    WHERE alert.owner_id <> watch.owner_id OR trend.owner_id <> watch.owner_id
    UNION ALL
    SELECT scrape.id FROM trends_scrape AS scrape
    JOIN trends_watchrun AS run ON run.id = scrape.watch_run_id JOIN trends_watch AS watch ON watch.id = run.watch_id
    WHERE scrape.owner_id <> watch.owner_id
    """,
)
holds(
    "T06 three marks",
    "An alert is graded after 24, 72 and 168 hours.",
    """
    SELECT alert.id FROM trends_alert AS alert
    WHERE ARRAY[24, 72, 168]::smallint[] <> ARRAY(
        SELECT mark.hours FROM trends_mark AS mark WHERE mark.alert_id = alert.id ORDER BY mark.hours
    )
    """,
)
holds(
    "T07 honest marks",
    "A hit reached its target and a miss did not, measured when it was time; what waits was not measured.",
    """
    SELECT id FROM trends_mark WHERE NOT CASE state
        WHEN 'hit' THEN reach >= target AND measured_at >= due_at
        WHEN 'miss' THEN reach < target AND measured_at >= due_at
        ELSE reach IS NULL AND measured_at IS NULL
    END OR state IN ('hit', 'miss') AND (reach IS NULL OR measured_at IS NULL)
    """,
)
holds(
    "T08 runs end with their searches",
    "A run is at work as long as one of its searches is, and no longer.",
    """
    SELECT run.id FROM trends_watchrun AS run
    WHERE (run.state = 'running') <> EXISTS (
        SELECT 1 FROM trends_scrape AS scrape JOIN jobs_job AS job ON job.id = scrape.job_id
        WHERE scrape.watch_run_id = run.id AND job.state IN ('queued', 'running')
    )
    """,
)
