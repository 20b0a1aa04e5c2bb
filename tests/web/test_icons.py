"""Icons of the wheel, drawn into the page."""

from xml.etree import ElementTree

import pytest
from lucide.templatetags.lucide import lucide

from kapture.web.icons import icon


def parts(drawing: str) -> list[tuple[str, dict[str, str]]]:
    return [(node.tag, dict(node.attrib)) for node in ElementTree.fromstring(drawing).iter()]


@pytest.mark.parametrize("name", ["bell", "gauge", "lightbulb", "credit-card", "x"])
@pytest.mark.parametrize("size", [12, 16])
def test_an_icon_is_the_drawing_that_the_wheel_makes(name: str, size: int) -> None:
    theirs = lucide(name, size=size, aria_hidden="true", stroke_width="1.75", **{"class": "icon"})
    assert parts(icon(name, size)) == parts(theirs)


def test_an_unknown_icon_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        icon("no-such-icon")
