"""Bring database and static files of an instance up to date, before its processes start."""

import hashlib
import os
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from kapture.settings.env import BASE_DIR


def static_stamp() -> str:
    """A digest that changes whenever collected static files would."""
    sources = [*settings.STATICFILES_DIRS, BASE_DIR / "kapture" / "web" / "static.py"]
    files = [
        file for source in sources for file in (sorted(Path(source).rglob("*")) or [Path(source)]) if file.is_file()
    ]
    lock = BASE_DIR / "requirements.txt"
    seen = [f"{file}:{file.stat().st_mtime_ns}:{file.stat().st_size}" for file in [*files, lock]]
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()


def collect() -> None:
    """Collect static files unless nothing changed since the last time."""
    stamp_file = Path(settings.STATIC_ROOT) / ".stamp"
    stamp = static_stamp()
    if stamp_file.exists() and stamp_file.read_text() == stamp:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp_file.write_text(stamp)


def main() -> None:
    """Migrate, collect, and add the demo."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kapture.settings.base")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    collect()
    call_command("seed_demo")


if __name__ == "__main__":
    main()
