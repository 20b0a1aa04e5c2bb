"""What beat does: name -> task, every so many seconds. Each is safe to run twice, late, or not at all for a while."""

from typing import Any

from celery.schedules import crontab

# Shortly after midnight UTC, when a month may have begun.
AFTER_MIDNIGHT = crontab(hour="0", minute="5")
BEAT: dict[str, dict[str, Any]] = {
    "release holds nobody ended": {"task": "billing.release_expired", "schedule": 60.0},
    "compare with Stripe": {"task": "billing.reconcile", "schedule": 3_600.0},
    "turn the month": {"task": "billing.turn_month", "schedule": AFTER_MIDNIGHT},
    "end generations nobody finished": {"task": "ideaboards.sweep", "schedule": 60.0},
    "empty the trash of trends": {"task": "trends.empty_trash", "schedule": 3_600.0},
    "ask the download service": {"task": "downloads.ask_service", "schedule": 60.0},
    "forget old looks at links": {"task": "downloads.forget_looks", "schedule": 86_400.0},
    "sweep working folders": {"task": "downloads.sweep_scratch", "schedule": 300.0},
    "end looks of staff": {"task": "accounts.end_looks", "schedule": 300.0},
    "tend closings of accounts": {"task": "accounts.tend_closings", "schedule": 600.0},
    "discard old exports": {"task": "accounts.expire_exports", "schedule": 3_600.0},
    "mail notifications": {"task": "accounts.mail_notifications", "schedule": 60.0},
    "forget old sessions": {"task": "accounts.forget_sessions", "schedule": 86_400.0},
    "forget old answers": {"task": "kapture.api.forget_replays", "schedule": 3_600.0},
    "forget old forms": {"task": "kapture.web.forget_forms", "schedule": 3_600.0},
    "run watches": {"task": "trends.watches.tick", "schedule": 60.0},
    "grade alerts": {"task": "trends.watches.grade", "schedule": 300.0},
    "forget old runs of watches": {"task": "trends.watches.forget_runs", "schedule": 86_400.0},
    "sweep stored objects": {"task": "kapture.objects.sweep", "schedule": 60.0},
    "sweep files no row knows": {"task": "kapture.objects.sweep_strays", "schedule": 600.0},
    "let media go": {"task": "downloads.cleanup_media", "schedule": 3_600.0},
}
