"""What watches add to somebody's export."""

from accounts.exporting.rows import register_table
from trends.models import Alert, Mark, Rule, Watch, WatchRun, WatchTrend


def register_all() -> None:
    """Enter the rows into the register of exports."""
    about = "Searches that run by themselves, and where alerts are posted, without the secret that signs them."
    register_table("watches", Watch, "owner", about=about, without=["webhook_secret"])
    register_table("watch_rules", Rule, "watch__owner", about="When your watches raise alerts.")
    register_table("watch_runs", WatchRun, "watch__owner", about="What became of each run of your watches.")
    register_table("watch_trends", WatchTrend, "watch__owner", about="Which posts your watches met, and when first.")
    register_table("watch_alerts", Alert, "owner", about="Alerts, with what was known when they were raised.")
    register_table("watch_marks", Mark, "alert__owner", about="How alerts turned out after 24, 72 and 168 hours.")
