"""Bundled style sheets, modules that import hashed names, a font small enough to preload."""

import json
import re
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import override_settings

from kapture.settings import base
from kapture.web.static import ENTRIES


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """The collected files of this project and of the wheels."""
    root = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=root, STORAGES=base.STORAGES):
        call_command("collectstatic", interactive=False, verbosity=0)
    return root


def _paths(root: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((root / "staticfiles.json").read_text())["paths"]
    return found


def test_the_style_sheets_of_a_page_are_small(collected):
    sizes = []
    for entry in ENTRIES:
        text = (collected / _paths(collected)[entry]).read_text()
        assert "@import" not in text
        assert text.startswith(("@layer reset{", "@layer reset,"))
        sizes.append(len(brotli.compress(text.encode())))
    everywhere, *rooms = sizes
    assert everywhere <= 16_000
    assert max(rooms) <= 3_000
    assert "light-dark(" in (collected / _paths(collected)["css/app.css"]).read_text()
    hashed = sorted(Path(_paths(collected)[entry]).name for entry in ENTRIES)
    assert sorted(path.name for path in (collected / "css").rglob("*.css")) == hashed


def test_the_style_sheet_names_the_hashed_font(collected):
    font = _paths(collected)["fonts/geist.woff2"]
    assert Path(font).name in (collected / _paths(collected)["css/app.css"]).read_text()
    assert (collected / font).stat().st_size <= 32_000


def test_modules_import_hashed_names_that_exist(collected):
    ours = 0
    for name, hashed in _paths(collected).items():
        if not name.startswith("js/"):
            continue
        ours += len(brotli.compress((collected / hashed).read_bytes()))
        for target in re.findall(r"(?:from|import)\s*\(?[\"'](\.[^\"']+)[\"']", (collected / hashed).read_text()):
            assert (collected / hashed).parent.joinpath(target).resolve().exists(), f"{name} imports {target}"
            assert re.search(r"\.[0-9a-f]{12}\.js$", target), f"{name} imports {target} without a hash"
    assert ours <= 20_000


def test_what_pages_name_is_there_and_compressed(collected):
    for name in ("django_htmx/htmx-2.min.js", "js/app.js", "css/app.css", "django_prose_editor/editor.js"):
        hashed = collected / _paths(collected)[name]
        assert hashed.exists()
        assert hashed.with_name(hashed.name + ".br").exists()


def test_nothing_but_hashed_files_is_left(collected):
    kept = {path.name for path in collected.rglob("*") if path.suffix == ".map"}
    assert kept == set()
    assert not (collected / "js" / "app.js").exists()


@pytest.mark.parametrize("name", ["fonts/geist.woff2", "css/app.css", "js/app.js"])
def test_a_development_server_finds_the_sources(name):
    assert Path(str(finders.find(name))).is_file()


def test_no_module_is_long():
    for path in (base.BASE_DIR / "static" / "js").glob("*.js"):
        assert path.read_text().count("\n") < 150, path.name
