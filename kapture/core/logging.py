"""Log lines: one JSON object each, with the request or job they belong to and without secrets."""

import logging
import re
from datetime import UTC, datetime

import orjson

from kapture.core import context

SECRETS = re.compile(
    r"(?i)(bearer\s+|kap_|sk_(?:live|test)_|sk-|whsec_|apify_api_|x-amz-signature=|signature=|token=|password=)"
    r"[^\s\"'&,}]+"
)


def redact(text: str) -> str:
    """The text with everything that looks like a key, token or signature cut after its prefix."""
    return SECRETS.sub(r"\1[redacted]", text)


class ContextFilter(logging.Filter):
    """Add the ids of the current request and job."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record."""
        record.request_id = context.request_id.get()
        record.job_id = context.job_id.get()
        return True


class LineFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with nothing empty in it."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
            "request": getattr(record, "request_id", ""),
            "job": getattr(record, "job_id", ""),
        }
        if record.exc_info:
            line["error"] = redact(self.formatException(record.exc_info))
        return orjson.dumps({key: value for key, value in line.items() if value}, default=str).decode()
