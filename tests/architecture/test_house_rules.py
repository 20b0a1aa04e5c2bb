"""Rules of the house that no linter knows, read from the source itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]
ROOTS = ("accounts", "billing", "trends", "downloads", "ideaboards", "library", "kapture")
MODULES = [path for root in ROOTS for path in (HOME / root).rglob("*.py") if "migrations" not in path.parts]
TESTS = [path for path in (HOME / "tests").rglob("*.py") if path != Path(__file__)]
TEMPLATES = list((HOME / "templates").rglob("*.html"))
LONGEST = 300
UNSAFE_TEMPLATE = re.compile(
    r"\|\s*safe\b|\{%\s*autoescape off|\sstyle=|\son[a-z]+\s*=|<script(?![^>]*\ssrc=)|hx-on|hx-vals=.js:|javascript:"
)


def imports_inside(tree: ast.AST) -> Iterator[int]:
    """Lines of imports inside functions."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (node.lineno for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom))


def name(path: Path) -> str:
    """A path from the project's folder."""
    return str(path.relative_to(HOME))


@pytest.mark.parametrize(
    ("source", "found"), [("def f():\n    import os", [2]), ("import os\ndef f():\n    return os", [])]
)
def test_the_search_for_inner_imports_finds_them(source: str, found: list[int]) -> None:
    assert list(imports_inside(ast.parse(source))) == found


@pytest.mark.parametrize(
    "line", ['<p style="x">', "{{ a|safe }}", "<b onclick='x'>", "<script>x</script>", '<a href="javascript:x">']
)
def test_the_search_for_unsafe_markup_finds_it(line: str) -> None:
    assert UNSAFE_TEMPLATE.search(line)
    assert not UNSAFE_TEMPLATE.search('<p class="x">{{ a }}</p><script type="module" src="x"></script>')


def test_modules_import_at_their_top() -> None:
    found = {name(path): list(imports_inside(ast.parse(path.read_text()))) for path in MODULES}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_what_reads_does_not_import_what_writes() -> None:
    readers = [path for path in MODULES if path.stem in {"queries", "reads"}]
    imports = re.compile(r"^from \S*\bservices\b|^from \S+ import .*\bservices\b", re.MULTILINE)
    assert len(readers) > 5
    assert [name(path) for path in readers if imports.search(path.read_text())] == []


def test_files_stay_short() -> None:
    lengths = {name(path): path.read_text().count("\n") for path in (*MODULES, *TEMPLATES)}
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_markup_is_never_declared_safe_and_sql_never_pasted() -> None:
    words = re.compile(r"\bmark_safe\b|\bRawSQL\b|\.objects\.raw\(|\.extra\(")
    assert [name(path) for path in MODULES if words.search(path.read_text())] == []


def test_templates_hold_no_code_and_no_styles() -> None:
    assert [name(path) for path in TEMPLATES if UNSAFE_TEMPLATE.search(path.read_text())] == []


def test_tests_speak_to_the_real_thing() -> None:
    assert [name(path) for path in TESTS if re.search(r"unittest(\.| import )mock", path.read_text())] == []


def test_nothing_is_left_for_later() -> None:
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    assert [name(path) for path in (*MODULES, *TESTS, *TEMPLATES) if words.search(path.read_text())] == []
