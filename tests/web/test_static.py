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


@pytest.mark.thorough
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


@pytest.mark.thorough
def test_the_style_sheet_names_the_hashed_font(collected):
    font = _paths(collected)["fonts/geist.woff2"]
    assert Path(font).name in (collected / _paths(collected)["css/app.css"]).read_text()
    assert (collected / font).stat().st_size <= 32_000


@pytest.mark.thorough
def test_modules_import_hashed_names_that_exist_and_a_page_loads_few(collected):
    """A page loads `app.js` with what it imports, and at most one module of its own with what that imports."""
    imports = {}
    for name, hashed in _paths(collected).items():
        if not name.startswith("js/"):
            continue
        path = (collected / hashed).resolve()
        targets = re.findall(r"(?:from|import)\s*\(?[\"'](\.[^\"']+)[\"']", path.read_text())
        for target in targets:
            assert path.parent.joinpath(target).resolve().exists(), f"{name} imports {target}"
            assert re.search(r"\.[0-9a-f]{12}\.js$", target), f"{name} imports {target} without a hash"
        imports[path] = {path.parent.joinpath(target).resolve() for target in targets}
    everywhere = _loaded((collected / _paths(collected)["js/app.js"]).resolve(), imports)
    for path in imports:
        both = everywhere | _loaded(path, imports)
        size = sum(len(brotli.compress(one.read_bytes())) for one in both if one in imports)
        assert size <= 20_000, path.name
    assert len(everywhere) > 10


def _loaded(path: Path, imports: dict[Path, set[Path]]) -> set[Path]:
    """A module with all that it leads to."""
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += imports.get(one, set())
    return found


@pytest.mark.thorough
def test_what_pages_name_is_there_and_compressed(collected):
    for name in ("django_htmx/htmx-2.min.js", "js/app.js", "css/app.css", "django_prose_editor/editor.js"):
        hashed = collected / _paths(collected)[name]
        assert hashed.exists()
        assert hashed.with_name(hashed.name + ".br").exists()


@pytest.mark.thorough
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
