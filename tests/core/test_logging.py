"""Log lines carry their context and no secrets."""

import json
import logging
import sys

import pytest

from kapture.core import context
from kapture.core.logging import ContextFilter, LineFormatter, redact


@pytest.mark.parametrize(
    "secret",
    [
        "Authorization: Bearer abc.def.ghi",
        "key kap_0123456789",
        "sk_live_51abc",
        "https://s3/x?X-Amz-Signature=deadbeef",
        "password=hunter2",
        "whsec_abcdef",
    ],
)
def test_what_looks_like_a_secret_is_cut(secret: str) -> None:
    said = redact(f"before {secret} after")
    assert "[redacted]" in said
    assert secret.split("=")[-1].split()[-1] not in said
    assert said.endswith("after")


def test_a_line_is_json_with_the_request_and_the_error() -> None:
    token = context.request_id.set("req-12345678")
    try:
        raise ValueError("password=hunter2")
    except ValueError:
        record = logging.LogRecord("kapture", logging.ERROR, __file__, 1, "it broke: %s", ("x",), sys.exc_info())
    ContextFilter().filter(record)
    line = json.loads(LineFormatter().format(record))
    context.request_id.reset(token)
    assert (line["message"], line["request"], line["level"]) == ("it broke: x", "req-12345678", "error")
    assert "hunter2" not in line["error"]
    assert "job" not in line
