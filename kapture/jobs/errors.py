"""How a performance can stop."""

from enum import StrEnum


class Stop(StrEnum):
    """Why a running job has to leave."""

    CANCELLED = "cancelled"
    LOST = "lost"
    DEADLINE = "deadline"
    PAUSED = "paused"
    LEAVING = "leaving"  # the worker ends, the job goes on elsewhere


class JobStopped(Exception):
    """Raised inside `perform` at its next report: clean up and let it pass."""

    def __init__(self, why: Stop) -> None:
        super().__init__(why.value)
        self.why = why


class JobFailed(Exception):
    """Raised by `perform`: the work cannot be done (now); `retryable` asks for another attempt, if one is left."""

    def __init__(
        self, code: str, message: str, *, remedy: str = "", retryable: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.retryable = retryable
        self.retry_after = retry_after
