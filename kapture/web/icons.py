"""Inline SVG: icons from the lucide wheel and four marks of our own for the platforms."""

from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from kapture.core.choices import Platform

# Drawn by hand on a 16-pixel grid; the icon wheel carries no brand marks.
MARKS: dict[str, str] = {
    Platform.YOUTUBE: (
        "M3.4 3.3h9.2A2.4 2.4 0 0 1 15 5.7v4.6a2.4 2.4 0 0 1-2.4 2.4H3.4A2.4 2.4 0 0 1 1 10.3"
        "V5.7A2.4 2.4 0 0 1 3.4 3.3Zm3.1 2.45v4.5L10.5 8Z"
    ),
    Platform.TIKTOK: (
        "M8.5 1.2h2.25c.15 1.75 1.2 2.95 3 3.15v2.25c-1.1 0-2.1-.32-3-.9v4.5a4.3 4.3 0 1 1-4.9-4.26"
        "v2.33a2.05 2.05 0 1 0 2.65 1.93Z"
    ),
    Platform.REDDIT: (
        "M8.62 4.93 9.2 2.7l1.82.42a1.25 1.25 0 1 0 .22-.92L8.78 1.6a.5.5 0 0 0-.6.36l-.76 2.96"
        "c-1.55.06-2.95.48-4 1.15a1.65 1.65 0 1 0-1.72 2.7 3 3 0 0 0-.06.58c0 2.5 2.85 4.35 6.36 4.35"
        "s6.36-1.85 6.36-4.35a3 3 0 0 0-.06-.58 1.65 1.65 0 1 0-1.72-2.7c-1.03-.66-2.4-1.08-3.96-1.14Z"
        "M5.6 7.55a1.05 1.05 0 1 1 0 2.1 1.05 1.05 0 0 1 0-2.1Zm4.8 0a1.05 1.05 0 1 1 0 2.1 1.05 1.05 0 0 1"
        " 0-2.1Zm-4.55 3.3c.6.33 1.35.5 2.15.5s1.55-.17 2.15-.5l.4.72c-.72.43-1.62.65-2.55.65"
        "s-1.83-.22-2.55-.65Z"
    ),
    Platform.X: (
        "M1.5 1.8h4.1l2.95 4.08L12.1 1.8h1.65L9.3 6.93l5.2 7.27h-4.1L7.2 9.78 3.35 14.2H1.7l4.75-5.46Z"
        "M3.8 3l7.2 10h1.2L5 3Z"
    ),
}


# Every icon is a drawing of lines side by side, in this namespace.
SVG = "{http://www.w3.org/2000/svg}"


@cache
def _drawings() -> ZipFile:
    """All icons of the wheel, whose own reader opens the archive for every icon, which a first page would wait for.

    It is in memory because processes forked from this one would share an open file's place.
    """
    return ZipFile(BytesIO(files("lucide").joinpath("lucide.zip").read_bytes()))


@lru_cache(maxsize=1024)
def icon(name: str, size: int = 16) -> SafeString:
    """SVG of one lucide icon, `size` CSS pixels square, hidden from screen readers; unknown names raise `KeyError`."""
    drawing = ElementTree.fromstring(_drawings().read(f"{name}.svg"))  # noqa: S314 - from a wheel with a known hash
    looks = {"width": str(size), "height": str(size), "aria-hidden": "true", "stroke-width": "1.75", "class": "icon"}
    lines = ((line.tag.removeprefix(SVG), flatatt(line.attrib)) for line in drawing)
    return format_html("<svg{}>{}</svg>", flatatt(drawing.attrib | looks), format_html_join("", "<{}{} />", lines))


@lru_cache(maxsize=64)
def platform_mark(platform: str, size: int = 16) -> SafeString:
    """SVG mark of one platform with its name for screen readers; raises `ValueError` for an unknown platform."""
    name = Platform(platform)
    return format_html(
        '<svg class="mark mark-{}" width="{}" height="{}" viewBox="0 0 16 16" role="img" aria-label="{}" '
        'fill="currentColor" fill-rule="evenodd"><path d="{}"/></svg>',
        name.value,
        size,
        size,
        name.label,
        MARKS[name],
    )
