"""Writing with a language model: one contract, any provider that speaks OpenAI's chat completions."""

from typing import TYPE_CHECKING

from kapture.gateways.later import later
from kapture.gateways.writing.contract import (
    SERVICE,
    Chunk,
    Line,
    Source,
    Task,
    Usage,
    WritingFailed,
    WritingRequest,
    Written,
)
from kapture.gateways.writing.switch import require_on

if TYPE_CHECKING:
    from kapture.gateways.writing.gateway import Timeouts, Writer, writer
else:
    __getattr__ = later(__name__, dict.fromkeys(("Timeouts", "Writer", "writer"), "kapture.gateways.writing.gateway"))

__all__ = [
    "SERVICE",
    "Chunk",
    "Line",
    "Source",
    "Task",
    "Timeouts",
    "Usage",
    "Writer",
    "WritingFailed",
    "WritingRequest",
    "Written",
    "require_on",
    "writer",
]
