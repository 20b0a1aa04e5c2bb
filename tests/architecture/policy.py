"""Who may do what at which address: one line for each method of each route. A route without a line fails the tests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What becomes of a request, whatever its details."""

    IN = "let in"
    LOGIN = "sent to the sign-in page"
    UNAUTHORIZED = "401"
    REFUSED = "403"
    MISSING = "404, as for a thing that does not exist"
    NO_VENDOR = "502 or 503: let in, but the vendor does not answer"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of nobody in particular, of the owner of the thing in the address, and of somebody else.

    `of` names the thing (see things.py), empty where the address names none. `query` and `body` are what a request
    needs to be accepted. The API knows its callers by their keys; `session` is what the owner gets who is signed in,
    where that differs, `token` who shows a token of Clerk, `clock` what the clock's token opens, and `looking` what
    staff get who look as the owner. What becomes of all others follows by the rules in persons.py.
    """

    anonymous: Outcome
    owner: Outcome
    other: Outcome
    of: str = ""
    query: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    session: Outcome | None = None
    token: Outcome | None = None
    clock: Outcome | None = None
    looking: Outcome | None = None

    @property
    def needs_somebody(self) -> bool:
        """Whether callers must say who they are, and are believed."""
        return self.anonymous in (Outcome.LOGIN, Outcome.UNAUTHORIZED) and self.clock is None


def page(query: str = "", **body: Any) -> Verdict:
    """A page of one's own things."""
    return Verdict(Outcome.LOGIN, Outcome.IN, Outcome.IN, query=query, body=body)


def page_of(thing: str, **body: Any) -> Verdict:
    """A page or action of one thing, for its owner alone."""
    return Verdict(Outcome.LOGIN, Outcome.IN, Outcome.MISSING, thing, body=body)


def call(query: str = "", **body: Any) -> Verdict:
    """An endpoint about one's own things."""
    return Verdict(Outcome.UNAUTHORIZED, Outcome.IN, Outcome.IN, query=query, body=body)


def call_of(thing: str, **body: Any) -> Verdict:
    """An endpoint of one thing, for its owner alone."""
    return Verdict(Outcome.UNAUTHORIZED, Outcome.IN, Outcome.MISSING, thing, body=body)


def public(of: str = "") -> Verdict:
    """For anybody."""
    return Verdict(Outcome.IN, Outcome.IN, Outcome.IN, of)


# A webhook asks nobody who they are: without its vendor's signature (and here, without its secret) nothing is taken.
SIGNED = Verdict(Outcome.NO_VENDOR, Outcome.NO_VENDOR, Outcome.NO_VENDOR)
# The demo's door exists only where vendors are stand-ins, and Clerk's where it is on.
CLOSED = Verdict(Outcome.MISSING, Outcome.MISSING, Outcome.MISSING)
# For the clock of the installation and its token alone.
CLOCKED = Verdict(Outcome.UNAUTHORIZED, Outcome.UNAUTHORIZED, Outcome.UNAUTHORIZED, clock=Outcome.IN)

POLICY: dict[tuple[str, str], Verdict] = {
    # the frame
    ("overview", "GET"): page(),
    ("web:preferences", "POST"): public(),
    ("web:manifest", "GET"): public(),
    ("web:favicon", "GET"): public(),
    # the API's own
    ("api:health", "GET"): public(),
    ("api:schema", "GET"): public(),
    ("api:docs", "GET"): public(),
    # the entrance
    ("account_login", "GET"): public(),
    ("account_login", "POST"): public(),
    ("account_signup", "GET"): public(),
    ("account_signup", "POST"): public(),
    ("account_logout", "GET"): Verdict(Outcome.LOGIN, Outcome.IN, Outcome.IN, looking=Outcome.REFUSED),
    ("account_logout", "POST"): Verdict(Outcome.LOGIN, Outcome.LOGIN, Outcome.LOGIN),
    ("account_inactive", "GET"): public(),
    ("account_email_verification_sent", "GET"): public(),
    ("account_confirm_email", "GET"): public("address_key"),
    ("account_confirm_email", "POST"): public("address_key"),
    ("account_reset_password", "GET"): public(),
    ("account_reset_password", "POST"): public(),
    ("account_reset_password_done", "GET"): public(),
    ("account_reset_password_from_key", "GET"): public("reset_key"),
    ("account_reset_password_from_key", "POST"): public("reset_key"),
    ("account_reset_password_from_key_done", "GET"): public(),
    ("account_change_password", "GET"): page(),
    ("account_change_password", "POST"): page(),
    ("account_set_password", "GET"): page(),
    ("account_set_password", "POST"): page(),
    ("account_email", "GET"): public(),
    ("account_email", "POST"): public(),
    ("accounts:demo", "POST"): CLOSED,
    ("accounts:clerk", "GET"): Verdict(Outcome.MISSING, Outcome.MISSING, Outcome.MISSING, looking=Outcome.REFUSED),
    ("accounts:clerk", "POST"): CLOSED,
    # accounts
    ("accounts:stop-looking", "POST"): Verdict(Outcome.IN, Outcome.IN, Outcome.IN, looking=Outcome.IN),
    ("accounts:settings", "GET"): page(),
    ("accounts:profile", "POST"): page(),
    ("accounts:sign-in", "GET"): page(),
    ("accounts:change-address", "POST"): page(),
    ("accounts:keep-address", "POST"): page(),
    ("accounts:notification-list", "GET"): page(),
    ("accounts:read-notifications", "POST"): page(),
    ("accounts:notification", "GET"): page_of("notification"),
    ("accounts:notifications", "GET"): page(),
    ("accounts:notifications", "POST"): page(),
    ("accounts:access", "GET"): page(),
    ("accounts:end-sessions", "POST"): page(),
    ("accounts:end-session", "POST"): page_of("session"),
    ("accounts:panic", "POST"): page(),
    ("accounts:data", "GET"): page(),
    ("accounts:begin-export", "POST"): page(),
    # Not for staff who look as the owner.
    ("accounts:export-file", "GET"): Verdict(
        Outcome.LOGIN, Outcome.IN, Outcome.MISSING, "export", looking=Outcome.REFUSED
    ),
    ("accounts:close", "POST"): page(),
    ("accounts:goodbye", "GET"): public(),
    ("accounts:keys", "GET"): page(),
    ("accounts:keys", "POST"): page(),
    ("accounts:change-key", "POST"): page_of("key", name="Mine", daily_cap="5"),
    ("accounts:delete-key", "POST"): page_of("key"),
    # Who comes with a token of Clerk is looked up there, and Clerk does not answer.
    ("api:sync", "POST"): Verdict(Outcome.UNAUTHORIZED, Outcome.IN, Outcome.IN, token=Outcome.NO_VENDOR),
    ("api:webhooks-clerk", "POST"): SIGNED,
    ("api:me", "GET"): call(),
    ("api:me", "PATCH"): call(name="Mine"),
    # Without the address of the account in its body it is let in, and refused.
    ("api:me", "DELETE"): call(confirm="alice@example.com"),
    ("api:exports", "GET"): call(),
    ("api:exports", "POST"): call(),
    ("api:export", "GET"): call_of("export"),
    ("api:keys", "GET"): call(),
    # Only a signed-in person makes keys, so that a leaked one cannot breed.
    ("api:keys", "POST"): Verdict(
        Outcome.UNAUTHORIZED, Outcome.REFUSED, Outcome.REFUSED, body={"name": "mine"}, session=Outcome.IN
    ),
    ("api:key", "GET"): call_of("key"),
    # No key lifts its own cap.
    ("api:key", "PATCH"): Verdict(
        Outcome.UNAUTHORIZED, Outcome.REFUSED, Outcome.MISSING, "key", body={"dailyCap": 5}, session=Outcome.IN
    ),
    ("api:key", "DELETE"): call_of("key"),
    # billing
    ("billing:usage", "GET"): page(),
    ("billing:plans", "GET"): page(),
    ("billing:invoices", "GET"): page(),
    ("billing:checkout", "POST"): page(),
    ("billing:visit", "GET"): page_of("visit"),
    ("billing:portal", "POST"): Verdict(Outcome.LOGIN, Outcome.NO_VENDOR, Outcome.NO_VENDOR),
    ("api:plans", "GET"): public(),
    ("api:packs", "GET"): public(),
    ("api:subscription", "GET"): call(),
    ("api:invoices", "GET"): call(),
    ("api:checkout", "POST"): call(),
    ("api:portal", "POST"): Verdict(Outcome.UNAUTHORIZED, Outcome.NO_VENDOR, Outcome.NO_VENDOR),
    ("api:usage", "GET"): call(),
    ("api:webhooks-stripe", "POST"): SIGNED,
    ("api:cron-usage-reset", "POST"): CLOCKED,
    ("api:cron-reconcile", "POST"): CLOCKED,
    ("api:cron-scrape-trends", "POST"): CLOCKED,
    ("api:cron-cleanup-media", "POST"): CLOCKED,
    # jobs and files
    ("jobs:live", "GET"): public(),
    ("jobs:card", "GET"): page_of("job"),
    ("jobs:cancel", "POST"): page_of("job"),
    ("jobs:retry", "POST"): page_of("job"),
    ("objects:serve", "GET"): public("link"),
    ("api:jobs", "GET"): call(),
    ("api:jobs-cancel", "POST"): call(jobIds=["00000000-0000-7000-8000-000000000000"]),
    ("api:job", "GET"): call_of("job"),
    # trends
    ("trends:list", "GET"): page(),
    ("trends:status", "GET"): page(),
    ("trends:scrape", "GET"): page(),
    ("trends:scrape", "POST"): page(keywords="kites", platforms="youtube", limit="10"),
    ("trends:cost", "GET"): page(),
    ("trends:bulk", "POST"): page(),
    ("trends:tag", "POST"): page(),
    ("trends:move", "POST"): page(),
    ("trends:labels", "POST"): page_of("trend", tags="mine", category="Mine"),
    ("trends:changes", "GET"): page(),
    ("trends:undo", "POST"): page_of("change"),
    ("trends:categories", "GET"): page(),
    ("trends:categories", "POST"): page(name="Mine"),
    ("trends:rename-category", "POST"): page_of("category", name="Mine"),
    ("trends:delete-category", "POST"): page_of("category"),
    ("trends:save-view", "GET"): page(),
    ("trends:save-view", "POST"): page(name="Mine"),
    ("trends:delete-view", "POST"): page_of("view"),
    ("trends:export", "GET"): page(),
    ("trends:detail", "GET"): page_of("trend"),
    ("trends:analytics", "GET"): page(),
    ("api:trends", "GET"): call(),
    ("trends:watches", "GET"): page(),
    ("trends:watch-new", "GET"): page(),
    ("trends:watch-new", "POST"): page(
        **{
            "name": "Mine",
            "keywords": "kites",
            "platforms": "youtube",
            "every_minutes": "240",
            "limit": "10",
            "rules-TOTAL_FORMS": "0",
            "rules-INITIAL_FORMS": "0",
        },
    ),
    ("trends:watch-cost", "GET"): page(),
    ("trends:watch-backtest", "GET"): page(),
    ("trends:watch-backtest", "POST"): page(),
    ("trends:watch", "GET"): page_of("watch"),
    ("trends:watch-edit", "GET"): page_of("watch"),
    ("trends:watch-edit", "POST"): page_of("watch"),
    ("trends:watch-state", "POST"): page_of("watch", state="paused"),
    ("trends:watch-run", "POST"): page_of("watch"),
    ("trends:watch-delete", "POST"): page_of("watch"),
    ("trends:watch-results", "GET"): page_of("watch"),
    ("trends:watch-replay", "POST"): page_of("message"),
    ("api:watches", "GET"): call(),
    ("api:watches", "POST"): call(name="Mine", keywords=["kites"], platforms=["youtube"]),
    ("api:watch-cost", "POST"): call(platforms=["youtube"]),
    ("api:watch-backtest", "POST"): call(
        keywords=["kites"], platforms=["youtube"], rule={"metric": "reach", "atLeast": 5}
    ),
    ("api:watch", "GET"): call_of("watch"),
    ("api:watch", "PATCH"): call_of("watch", name="Mine"),
    ("api:watch", "DELETE"): call_of("watch"),
    ("api:watch-run", "POST"): call_of("watch"),
    ("api:watch-runs", "GET"): call_of("watch"),
    ("api:watch-alerts", "GET"): call_of("watch"),
    ("api:trends-scrape", "POST"): call(platform="youtube", keywords=["kites"]),
    ("api:trends-bulk-scrape", "POST"): call(platforms=["youtube", "reddit"], keywords=["kites"]),
    ("api:trends-summary", "GET"): call(),
    ("api:trends-hashtags", "GET"): call(),
    ("api:trends-authors", "GET"): call(),
    ("api:trends-lead-lag", "GET"): call(),
    ("api:trends-bulk", "POST"): call(ids=["00000000-0000-7000-8000-000000000000"], action="delete"),
    ("api:trends-undo", "POST"): call_of("change"),
    ("api:trends-tags", "GET"): call(),
    ("api:trends-categories", "GET"): call(),
    ("api:trends-categories", "POST"): call(name="Mine"),
    ("api:trends-category", "PATCH"): call_of("category", name="Mine"),
    ("api:trends-category", "DELETE"): call_of("category"),
    ("api:trends-views", "GET"): call(),
    # Its body has a field `query`.
    ("api:trends-views", "POST"): Verdict(
        Outcome.UNAUTHORIZED, Outcome.IN, Outcome.IN, body={"name": "Mine", "query": "q=kites"}
    ),
    ("api:trends-view", "DELETE"): call_of("view"),
    ("api:trends-export", "GET"): call(),
    ("api:trend", "GET"): call_of("trend"),
    ("api:trend", "DELETE"): call_of("trend"),
    ("api:trend-history", "GET"): call_of("trend"),
    # downloads
    ("downloads:list", "GET"): page(),
    ("downloads:request", "POST"): page(),
    ("downloads:plan", "POST"): page(),
    ("downloads:sheet", "GET"): page_of("plan"),
    ("downloads:start-plan", "POST"): page_of("plan", item="0"),
    ("downloads:close-plan", "POST"): page_of("plan"),
    ("downloads:policies", "GET"): page(),
    ("downloads:policies", "POST"): page(),
    ("downloads:default-policy", "POST"): page(),
    ("downloads:policy", "GET"): page_of("download_policy"),
    ("downloads:policy", "POST"): page_of("download_policy"),
    ("downloads:delete-policy", "POST"): page_of("download_policy"),
    ("downloads:throughput", "GET"): page(),
    ("downloads:pause-all", "POST"): page(),
    ("downloads:resume-all", "POST"): page(),
    ("downloads:pause", "POST"): page_of("active_download"),
    ("downloads:resume", "POST"): page_of("active_download"),
    ("downloads:start", "POST"): page_of("active_download"),
    ("downloads:bulk", "POST"): page(),
    ("downloads:retry-all", "POST"): page(),
    ("downloads:detail", "GET"): page_of("download"),
    ("downloads:cancel", "POST"): page_of("download"),
    ("downloads:retry", "POST"): page_of("download"),
    ("downloads:delete", "GET"): page_of("download"),
    ("downloads:delete", "POST"): page_of("download"),
    ("downloads:trash", "GET"): page(),
    ("downloads:empty-trash", "GET"): page(),
    ("downloads:empty-trash", "POST"): page(),
    ("downloads:restore", "POST"): page_of("trashed_download"),
    ("downloads:erase", "GET"): page_of("trashed_download"),
    ("downloads:erase", "POST"): page_of("trashed_download"),
    ("downloads:clip", "POST"): page_of("captured_download", start="0", end="1", format="mp4"),
    ("downloads:evidence", "GET"): page_of("captured_download"),
    ("downloads:captions", "GET"): page_of("captured_download"),
    ("downloads:media", "GET"): page_of("download"),
    ("downloads:file", "GET"): page_of("download"),
    ("downloads:thumbnail", "GET"): page_of("download"),
    ("api:downloads", "GET"): call(),
    ("api:downloads-preview", "POST"): call(),
    ("api:downloads-plan", "GET"): call_of("plan"),
    ("api:download-policies", "GET"): call(),
    ("api:download-policies", "POST"): call(host="vimeo.com", kind="audio"),
    ("api:download-policy", "GET"): call_of("download_policy"),
    ("api:download-policy", "PATCH"): call_of("download_policy", kind="image"),
    ("api:download-policy", "DELETE"): call_of("download_policy"),
    ("api:downloads-retry-failed", "POST"): call(),
    ("api:download-pause", "POST"): call_of("active_download"),
    ("api:download-resume", "POST"): call_of("active_download"),
    ("api:download-start", "POST"): call_of("active_download"),
    ("api:downloads-request", "POST"): call(url="https://www.youtube.com/watch?v=kites"),
    ("api:downloads-bulk", "POST"): call(items=[{"url": "https://www.youtube.com/watch?v=kites"}]),
    ("api:download", "GET"): call_of("download"),
    ("api:download", "DELETE"): call_of("download"),
    ("api:downloads-trash", "GET"): call(),
    ("api:download-in-trash", "DELETE"): call_of("trashed_download"),
    ("api:download-restore", "POST"): call_of("trashed_download"),
    ("api:download-retry", "POST"): call_of("failed_download"),
    ("api:download-transcript", "GET"): call_of("captured_download"),
    ("api:download-evidence", "GET"): call_of("captured_download"),
    ("api:download-clips", "GET"): call_of("captured_download"),
    ("api:download-clips", "POST"): call_of("captured_download", start=0, end=1),
    # ideaboards
    ("ideaboards:list", "GET"): page(),
    ("ideaboards:create", "POST"): page(),
    ("ideaboards:draft", "GET"): page(),
    ("ideaboards:draft", "POST"): page(),
    ("ideaboards:drafting", "GET"): page_of("drafting"),
    ("ideaboards:detail", "GET"): page_of("board"),
    ("ideaboards:save", "POST"): page_of("board", title="Mine", markdown="mine", version=1),
    ("ideaboards:tag", "POST"): page_of("board", tag="mine"),
    ("ideaboards:state", "POST"): page_of("board", state="archived"),
    ("ideaboards:delete", "POST"): page_of("board"),
    ("ideaboards:generate", "POST"): page_of("board", kind="hook", prompt="kites"),
    ("ideaboards:idea", "GET"): page_of("board"),
    ("ideaboards:insert", "POST"): page_of("board"),
    ("ideaboards:version", "GET"): page_of("board"),
    ("ideaboards:restore", "POST"): page_of("board", version=1),
    ("api:ideaboards", "GET"): call(),
    ("api:ideaboards", "POST"): call(title="Mine"),
    ("api:ideaboard", "GET"): call_of("board"),
    ("api:ideaboard", "PUT"): call_of("board", title="Mine", body={"type": "doc", "content": []}, version=1),
    ("api:ideaboard", "PATCH"): call_of("board", title="Mine"),
    ("api:ideaboard", "DELETE"): call_of("board"),
    ("api:ideaboard-versions", "GET"): call_of("board"),
    ("api:ai-generate", "POST"): call(type="hook", prompt="kites"),
    ("api:ai-ideaboard", "POST"): call(topic="kites"),
    ("api:ai-generations", "GET"): call(),
    ("api:ai-generation", "GET"): call_of("generation"),
    # library
    ("library:list", "GET"): page("q=kite"),
    ("library:suggest", "GET"): page("q=kite"),
    ("api:library", "GET"): call(),
    ("api:library-search", "GET"): call("q=kite"),
}

# Ids inside bodies are no way around: a stranger gets the answer of a thing that does not exist. Values name things.
NAMED: list[tuple[str, Mapping[str, Any]]] = [
    ("api:jobs-cancel", {"jobId": "job"}),
    ("api:jobs-cancel", {"jobIds": ["job"]}),
    ("api:downloads-request", {"trendId": "trend"}),
    ("api:downloads-bulk", {"items": [{"trendId": "trend"}]}),
    ("api:ai-generate", {"type": "hook", "trendIds": ["trend"]}),
    ("api:ai-generate", {"type": "hook", "prompt": "kites", "ideaboardId": "board"}),
    ("api:ai-ideaboard", {"trendIds": ["trend"]}),
    ("api:watch-backtest", {"watchId": "watch", "rule": {"metric": "reach", "atLeast": 5}}),
    ("trends:bulk", {"action": "download", "ids": "trend"}),
    ("trends:bulk", {"action": "board", "ids": "trend"}),
    ("trends:bulk", {"action": "delete", "ids": "trend"}),
    ("trends:tag", {"add": "mine", "ids": "trend"}),
    ("trends:move", {"new": "Mine", "ids": "trend"}),
    ("api:trends-bulk", {"action": "delete", "ids": ["trend"]}),
    ("api:trends-bulk", {"action": "tag", "tags": ["mine"], "ids": ["trend"]}),
    ("api:trends-bulk", {"action": "category", "category": "Mine", "ids": ["trend"]}),
    ("downloads:bulk", {"ids": "trend"}),
    ("ideaboards:draft", {"trend": "trend"}),
]
