"""All components render with sample content, without a database, and say no untrue markup."""

import html5lib
import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve

from kapture.web.styleguide import PAGES

pytestmark = pytest.mark.urls("tests.web.urls")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_renders_as_sound_html(page):
    answer = Client().get("/styleguide/", {"page": page})
    assert answer.status_code == 200
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(answer.content.decode())
    # html5lib does not know attributes newer than itself but reports structure faithfully.
    assert [error for error in parser.errors if error[1] != "unexpected-null-character"] == []
    assert len(tree.findall(".//h1")) == 1
    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    assert len(ids) == len(set(ids)), sorted(name for name in ids if ids.count(name) > 1)


def test_a_list_page_is_light():
    text = Client().get("/styleguide/", {"page": "trends"}).content.decode()
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    assert sum(1 for node in tree.iter() if isinstance(node.tag, str)) <= 1_500
    assert "{{" not in text
    assert "{%" not in text


@pytest.mark.urls("kapture.urls")
def test_it_is_not_part_of_the_product():
    assert not settings.DEBUG
    with pytest.raises(Resolver404):
        resolve("/styleguide/")


def test_the_manifest_names_files_that_are_served():
    body = Client().get("/manifest.webmanifest")
    assert body["Content-Type"] == "application/manifest+json"
    assert [entry["sizes"] for entry in body.json()["icons"]] == ["any", "192x192", "512x512"]
    assert Client().get("/favicon.ico").status_code == 302
