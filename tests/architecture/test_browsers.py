"""What browsers are told about cookies and other sites, wherever they ask."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kapture.core.dryrun import TakenBack
from tests.architecture.asking import ROUTES, address, send
from tests.architecture.persons import Who
from tests.architecture.policy import POLICY
from tests.architecture.things import THINGS
from tests.architecture.world import World, turn_clerk_off, undrawn
from tests.thorough import some

HOME = Path(__file__).resolve().parents[2]
ASK = """
import json
from django.conf import settings
names = [name for name in dir(settings) if name.startswith(("SESSION_COOKIE_", "CSRF_COOKIE_"))]
print(json.dumps({name: getattr(settings, name) for name in names}, default=str))
"""


def cookies(module: str, site: str) -> dict[str, Any]:
    """Settings of cookies in a process of its own."""
    told = {
        "DJANGO_SETTINGS_MODULE": module,
        "SITE_URL": site,
        "SECRET_KEY": "k3Zq8w" * 10,
        "EMAIL_URL": "smtp://mail.example",
        "ALLOWED_HOSTS": "kapture.example",
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK], env={**os.environ, **told}, cwd=HOME, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_over_https_cookies_belong_to_this_very_host() -> None:
    found = cookies("kapture.settings.production", "https://kapture.example")
    for cookie in ("SESSION", "CSRF"):
        assert found[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
        assert found[f"{cookie}_COOKIE_SECURE"] is True
        assert found[f"{cookie}_COOKIE_HTTPONLY"] is True
        assert found[f"{cookie}_COOKIE_SAMESITE"] == "Lax"
        # What the prefix demands.
        assert found[f"{cookie}_COOKIE_PATH"] == "/"
        assert found[f"{cookie}_COOKIE_DOMAIN"] is None


def test_over_http_cookies_have_names_that_browsers_take() -> None:
    found = cookies("kapture.settings.base", "http://127.0.0.1:8000")
    assert (found["SESSION_COOKIE_NAME"], found["CSRF_COOKIE_NAME"]) == ("sessionid", "csrftoken")
    assert found["SESSION_COOKIE_SECURE"] is False


@pytest.mark.django_db
@pytest.mark.usefixtures("vendors")
@pytest.mark.parametrize("name", some(list(ROUTES), 8))
def test_no_other_site_may_read_an_answer(name: str, world: World, settings: Any, tmp_path: Path) -> None:
    turn_clerk_off(settings)
    route = ROUTES[name]
    verdict = next(verdict for (other, _), verdict in POLICY.items() if other == name)
    with TakenBack():
        path = address(route, verdict, THINGS[verdict.of](world.alice, tmp_path) if verdict.of else {})
        for method in ("GET", "OPTIONS"):
            told = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
            with TakenBack(), undrawn():
                response = send(world.client(Who.OWNER), method, path, route, **told)
            assert not [header for header in response.headers if header.lower().startswith("access-control")]
            assert response["X-Frame-Options"] == "DENY"
            assert response["X-Content-Type-Options"] == "nosniff"
            # Media are shown in a sandbox of their own.
            policy = response["Content-Security-Policy"]
            assert "frame-ancestors 'none'" in policy or policy == "default-src 'none'; sandbox"
