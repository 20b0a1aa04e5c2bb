"""Rules that every template keeps, the rooms' templates included."""

import re
import zipfile
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.template.loader import get_template

from kapture.settings.env import BASE_DIR

ROOT = BASE_DIR / "templates"
FILES = sorted(path for path in ROOT.rglob("*.html") if "email" not in path.parts)
COMPONENT = re.compile(r"<c-([a-z][a-z.-]*)((?:\s+[^\s=>/]+(?:=(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?)*)\s*/?>")
TORN = re.compile(r"<c-[\w.-]+(?:\s+[:\w@.-]+(?:=(?:\"[^\"]*\"|'[^']*'))?)*\s*{[%{]")
ATTRIBUTE = re.compile(r"([^\s=]+)(?:=(?:\"[^\"]*\"|'[^']*'|\S+))?")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _declared(component: str) -> set[str]:
    text = (ROOT / "components" / f"{component.replace('-', '_').replace('.', '/')}.html").read_text()
    found = re.search(r"<c-vars\s([^>]*?)/?>", text)
    return {match[1].lstrip(":") for match in ATTRIBUTE.finditer(found[1])} if found else set()


def a_template_compiles(path: Path) -> None:
    get_template(_name(path))


def a_template_keeps_the_content_security_policy(path: Path) -> None:
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"<[^>]*\sstyle=", text), "style attributes are refused by the policy"
    assert not re.search(r"<style[\s>]", text)
    assert not re.search(r"<[^>]*\son[a-z]+=", text), "handlers belong to a module"
    assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")", text)
    assert not re.search(r"hx-on|hx-vals=['\"]js:|hx-vars", text)
    assert not re.search(r"hx-trigger=\"(?:[^\"]*,)?\s*[\w:.-]+\[", text), "filters are evaluated"
    assert not re.search(r"\|safe\b|autoescape off", text)
    assert "javascript:" not in text


def only_declared_attributes_are_bound_with_a_colon(path: Path) -> None:
    # A component copies what it does not declare to its element as it is: a bound value would not be escaped.
    for component, attributes in COMPONENT.findall(path.read_text()):
        if component in {"vars", "slot"}:
            continue
        bound = {match[1][1:] for match in ATTRIBUTE.finditer(attributes) if match[1].startswith(":")}
        assert bound <= _declared(component), f"<c-{component}> does not declare {bound - _declared(component)}"


def a_component_has_no_tag_between_its_attributes(path: Path) -> None:
    # Cotton copies it to the element letter by letter: a condition around `disabled` disables for ever.
    assert not TORN.search(path.read_text())


RULES = (
    a_template_compiles,
    a_template_keeps_the_content_security_policy,
    only_declared_attributes_are_bound_with_a_colon,
    a_component_has_no_tag_between_its_attributes,
)


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_template_keeps_every_rule(path: Path) -> None:
    for rule in RULES:
        rule(path)


def test_every_named_icon_exists():
    with resources.files("lucide").joinpath("lucide.zip").open("rb") as raw, zipfile.ZipFile(raw) as archive:
        known = {name.removesuffix(".svg") for name in archive.namelist()}
        wanted = {
            (_name(path), name)
            for path in FILES
            for pair in re.findall(r"icon(?:-end)?=\"([a-z0-9-]+)\"|{% icon \"([a-z0-9-]+)\"", path.read_text())
            for name in pair
            if name
        }
        assert [(path, name) for path, name in sorted(wanted) if name not in known] == []
        # `icon` draws the lines of a drawing; what lies deeper it would leave out.
        drawings = {name: ElementTree.fromstring(archive.read(f"{name}.svg")) for _, name in wanted}
    assert [name for name, drawing in drawings.items() if any(len(line) for line in drawing)] == []
