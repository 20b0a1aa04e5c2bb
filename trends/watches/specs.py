"""What a watch can be asked to do, as values that cannot be wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from typing import Final

from kapture.core.choices import Platform
from kapture.core.errors import InvalidInput
from kapture.gateways.scraping import DateRange
from kapture.gateways.webhooks import check_target
from trends.models import Metric
from trends.specs import DEFAULT_LIMIT, ScrapeSpec
from trends.watches.schedule import USUAL, Schedule

MOST_WATCHES: Final = 20
MOST_RULES: Final = 5
LONGEST_NAME: Final = 80
HIGHEST: Final = 1e15
# Whether a schedule can be kept does not depend on when it begins.
BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
# The kind of the jobs that post alerts to somebody's own address.
WEBHOOK_KIND: Final = "trends.alert_webhook"


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """An alert is raised when `metric` reaches `at_least`; raises `InvalidInput` for what nothing reaches."""

    metric: Metric
    at_least: float
    is_on: bool = True

    def __post_init__(self) -> None:
        if not (isfinite(self.at_least) and 0 < self.at_least <= HIGHEST):
            raise InvalidInput({"atLeast": [f"More than 0 and at most {HIGHEST:,.0f}."]})

    @property
    def key(self) -> tuple[str, float]:
        """What tells rules of a watch apart; a rule whose key changes is another rule, with a record of its own."""
        return self.metric.value, self.at_least


@dataclass(frozen=True, slots=True)
class WatchSpec:
    """A search, when it is made, and what is told about it; raises `InvalidInput` naming each wrong field.

    A platform that is named twice counts once.
    """

    name: str
    keywords: tuple[str, ...]
    platforms: tuple[Platform, ...]
    limit: int = DEFAULT_LIMIT
    date_range: DateRange | None = None
    min_views: int | None = None
    language: str = ""
    every_minutes: int = USUAL
    cron: str = ""
    rules: tuple[RuleSpec, ...] = field(default=())
    mails: bool = False
    webhook_url: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "platforms", tuple(dict.fromkeys(self.platforms)))
        wrong = {
            "name": "" if 1 <= len(self.name) <= LONGEST_NAME else f"From 1 to {LONGEST_NAME} characters.",
            "platforms": "" if self.platforms else "Choose at least one.",
            "rules": self._wrong_rules(),
        }
        errors = {name: [message] for name, message in wrong.items() if message}
        errors |= _errors_of(lambda: Schedule(BEGINNING, self.every_minutes, self.cron))
        errors |= _errors_of(self.scrape)
        if self.webhook_url:
            errors |= _errors_of(lambda: check_target(self.webhook_url), "webhookUrl")
        if errors:
            raise InvalidInput(errors)

    def scrape(self) -> ScrapeSpec:
        """The search, for the first of its platforms."""
        platform = next(iter(self.platforms), Platform.YOUTUBE)
        return ScrapeSpec(platform, self.keywords, self.limit, self.date_range, self.min_views, self.language)

    def _wrong_rules(self) -> str:
        if len(self.rules) > MOST_RULES:
            return f"At most {MOST_RULES}."
        if len({rule.key for rule in self.rules}) < len(self.rules):
            return "Two rules say the same."
        return ""


def _errors_of(make: Callable[[], object], name: str = "") -> dict[str, list[str]]:
    """The messages of what cannot be made, by field (or all under one name)."""
    try:
        make()
    except InvalidInput as error:
        return {name or at: messages for at, messages in error.details.items()}
    return {}
