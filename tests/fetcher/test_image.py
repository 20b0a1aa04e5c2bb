"""The image of the service holds what the service needs, and takes it from the lock."""

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from tests.fetcher.running import PROJECT, environment

LISTED = set((PROJECT / "kapture" / "fetcher" / "packages.txt").read_text().split())
COPIED = set(re.findall(r"^COPY kapture/(\w+) ", (PROJECT / "Dockerfile.fetcher").read_text(), re.MULTILINE))
# Starts as the service does, with nothing importable that the image does not hold.
START = """
import os, re, sys
from importlib import import_module, metadata
from importlib.machinery import ModuleSpec
listed, copied = (set(text.split(",")) for text in sys.argv[1:])
owners = metadata.packages_distributions()
class Image:
    def find_spec(self, name, path=None, target=None):
        parts = name.split(".")
        held = [re.sub(r"[-_.]+", "-", one).lower() for one in owners.get(parts[0], [])]
        if held and not listed & set(held):
            return ModuleSpec(name, self)
        if parts[0] == "kapture" and len(parts) > 1 and parts[1] not in copied:
            return ModuleSpec(name, self)
    def create_module(self, spec):
        raise ModuleNotFoundError(f"{spec.name} is not in the image", name=spec.name)
    def exec_module(self, module):
        pass
sys.meta_path.insert(0, Image())
os.environ["DJANGO_SETTINGS_MODULE"] = "kapture.fetcher.settings"
for name in ("fetcher.__main__", "fetcher.wsgi", "gateways.media.child", "gateways.media.searching"):
    import_module(f"kapture.{name}")
import django
django.setup()
"""


def test_each_package_is_locked_and_brings_what_it_needs() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (PROJECT / "requirements.txt").read_text(), re.MULTILINE))
    assert locked >= LISTED
    needed = {
        re.sub(r"[-_.]+", "-", wanted.name).lower()
        for name in LISTED
        for wanted in map(Requirement, metadata.requires(name) or [])
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""})
    }
    assert needed <= LISTED


def test_the_service_starts_with_what_is_in_the_image(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START, ",".join(LISTED), ",".join(COPIED)],
        cwd=PROJECT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
