"""What stands idle is small: a process loads what it needs, and vendors' SDKs with the first call."""

import os
import subprocess
import sys

import pytest

from kapture.settings.env import BASE_DIR

LOOKED_FOR = ("openai", "apify_client", "av", "yt_dlp", "kapture.urls", "trends.models")
SETUP = "import sys, django; django.setup()"
TOLD = f"print(*[name for name in {LOOKED_FOR!r} if name in sys.modules])"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("module", "steps", "loaded"),
    [
        ("kapture.settings.base", "import kapture.urls", "kapture.urls trends.models"),
        (
            "kapture.settings.base",
            "from kapture.gateways import scraping; scraping.scraper('apify', scraping.ScrapeQuery('x', ('a',)))",
            "apify_client trends.models",
        ),
        ("kapture.settings.base", "from kapture.gateways import writing; writing.writer", "openai trends.models"),
        ("kapture.settings.beat", "from django.core.checks import run_checks; assert not run_checks()", ""),
    ],
)
def test_a_process_loads_what_it_needs(module: str, steps: str, loaded: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{SETUP}; {steps}; {TOLD}"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": module, "APIFY_API_TOKEN": "a-token"},
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == loaded
