"""The whole environment of a process that fetches."""

import os
import sys
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parents[3]
# Where a deployment keeps its certificates is the only thing of our environment that the child may know.
KEPT_ENVIRONMENT: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")


def environment(scratch: Path) -> dict[str, str]:
    """Names and values: no keys, no proxies, no home of ours."""
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    return {
        "PATH": str(Path(sys.executable).parent),
        "PYTHONPATH": str(PROJECT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "DENO_NO_UPDATE_CHECK": "1",
        **kept,
    }
