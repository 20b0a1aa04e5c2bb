"""What the current request or job is, for log lines and error pages."""

from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

request_id: ContextVar[str] = ContextVar("request_id", default="")
job_id: ContextVar[str] = ContextVar("job_id", default="")


@dataclass(frozen=True, slots=True)
class ActingKey:
    """The API key a request acts with.

    `daily_cap` is in units a UTC day, None without a cap; of a dry-run key's requests nothing may remain.
    """

    pk: UUID
    daily_cap: int | None
    is_dry_run: bool = False


acting_key: ContextVar[ActingKey | None] = ContextVar("acting_key", default=None)
