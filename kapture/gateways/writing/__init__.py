"""Writing with a language model: one contract, any provider that speaks OpenAI's chat completions."""

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
from kapture.gateways.writing.gateway import Timeouts, Writer, writer

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
    "writer",
]
