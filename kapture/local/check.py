"""The part of `make lint` that needs a database address: types, import contracts, migrations, deployment checks."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from kapture.local.servers import Postgres, Redis, remove

SAFE = {
    "DJANGO_SETTINGS_MODULE": "kapture.settings.production",
    "SECRET_KEY": "lint-only-k3y-" + "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP",
    "SITE_URL": "https://kapture.invalid",
    "ALLOWED_HOSTS": "kapture.invalid",
    "EMAIL_URL": "smtp://mail.kapture.invalid",
}


def main() -> int:
    """Run every check, show each failure, answer how many failed."""
    home = Path(tempfile.mkdtemp(prefix="kapture-lint-"))
    home.chmod(0o755)
    postgres, redis = Postgres.start(home / "postgres", volatile=True), Redis.start(home / "redis", volatile=True)
    try:
        env = {
            **os.environ,
            "KAPTURE_HOME": str(home),
            "DATABASE_URL": postgres.url("kapture"),
            "REDIS_URL": redis.url,
        }
        bin_folder = Path(sys.executable).parent
        checks: list[tuple[list[str], dict[str, str]]] = [
            ([str(bin_folder / "lint-imports")], {}),
            ([sys.executable, "-m", "mypy", "."], {"DJANGO_SETTINGS_MODULE": "kapture.settings.test"}),
            ([sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"], {}),
            ([sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], SAFE),
        ]
        return sum(
            subprocess.run(command, env={**env, **extra}, check=False).returncode != 0 for command, extra in checks
        )
    finally:
        redis.stop()
        postgres.stop()
        remove(home)


if __name__ == "__main__":
    sys.exit(main())
