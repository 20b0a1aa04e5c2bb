"""Tags and filters of every template; the module is a builtin, so no template loads it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import template
from django.http import QueryDict
from django.template import Context
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from kapture.web import formats, icons
from kapture.web.bars import BarChart
from kapture.web.charts import LineChart, spark_paths
from kapture.web.once import FIELD
from kapture.web.shell import hue_of

register = template.Library()

STATES: dict[str, tuple[str, str, str]] = {
    # value: tone, icon, words
    "queued": ("neutral", "clock", "Waiting"),
    "running": ("accent", "loader-circle", "Running"),
    "paused": ("neutral", "pause", "Paused"),
    "completed": ("ok", "check", "Completed"),
    "failed": ("bad", "triangle-alert", "Failed"),
    "cancelled": ("neutral", "ban", "Cancelled"),
    "draft": ("neutral", "", "Draft"),
    "published": ("ok", "", "Published"),
    "archived": ("neutral", "archive", "Archived"),
}

CAPS = {"mod": "⌘", "shift": "⇧", "enter": "⏎", "backspace": "⌫", "escape": "Esc"}
MOD = format_html("{}", conditional_escape(" data-mod"))


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """`{% icon "download" %}`: one lucide icon, hidden from screen readers."""
    return icons.icon(str(name), int(size))


@register.simple_tag
def once() -> SafeString:
    """`{% once %}`: a one-time id in a form whose view is `@once`, so that sending it twice has one effect."""
    # A browser that brings back what was typed must not bring back the id of a form that was sent.
    return format_html('<input type="hidden" name="{}" value="{}" autocomplete="off">', FIELD, uuid4().hex)


@register.simple_tag
def platform_mark(platform: str, size: int = 16) -> SafeString:
    """`{% platform_mark "x" %}`: the mark of a platform, named for screen readers."""
    return icons.platform_mark(str(platform), int(size))


def _number(value: object) -> float | None:
    """Numbers as they are, text of components' attributes ("5") as numbers, "" (an unknown name) as None."""
    if isinstance(value, (int, float)) or value is None:
        return value
    text = str(value)
    return None if not text else int(text) if text.lstrip("-").isdecimal() else float(text)


@register.filter
def compact(number: object) -> str:
    """4200000 -> 4.2M."""
    return formats.compact(_number(number))


@register.filter
def grouped(number: object) -> str:
    """1284 -> 1,284."""
    return formats.grouped(_number(number))


@register.filter
def ago(moment: datetime | None) -> str:
    """A time in the past -> 38 min ago."""
    return formats.ago(moment)


@register.filter
def until(moment: datetime | None) -> str:
    """A time to come -> in 11 days."""
    return formats.until(moment)


@register.filter
def duration(seconds: object) -> str:
    """767 -> 12:47."""
    return formats.duration(_number(seconds))


@register.filter
def filesize_si(count: object) -> str:
    """31000000 -> 31 MB."""
    return formats.filesize_si(_number(count))


@register.filter
def filesize_of(part: int, whole: int) -> str:
    """79 of 118 MB."""
    return formats.filesize_of(part, whole)


@register.filter
def initials(name: str) -> str:
    """Ana Reyes -> AR."""
    return formats.initials(str(name))


@register.filter
def percent(fraction: float | None) -> str:
    """0.674 -> 67%; empty for None."""
    return "" if fraction is None else f"{int(fraction * 100)}%"


@register.filter
def multiple(ratio: float | None) -> str:
    """9.4 -> 9.4×, whole numbers from ten on; empty for None."""
    if ratio is None:
        return ""
    return f"{ratio:.1f}×" if ratio < 9.95 else f"{ratio:,.0f}×"


@register.filter
def hue(value: object) -> str:
    """A stable colour name for anything: its text decides."""
    return hue_of(value)


@register.filter
def state_tone(state: str) -> str:
    """Tone of a state's badge."""
    return STATES.get(str(state), ("neutral", "", ""))[0]


@register.filter
def state_icon(state: str) -> str:
    """Icon of a state's badge, empty when it has none."""
    return STATES.get(str(state), ("neutral", "", ""))[1]


@register.filter
def state_words(state: str) -> str:
    """Words of a state; an unknown one is shown as it is."""
    return STATES.get(str(state), ("", "", str(state).replace("_", " ").capitalize()))[2]


@register.filter
def undo_url(tags: str | None) -> str:
    """The path of a message's undo, empty when it has none."""
    first = (tags or "").partition(" ")[0]
    return first if first.startswith("/") else ""


@register.filter
def undo_label(tags: str | None) -> str:
    """The words of a message's undo button."""
    return (tags or "").partition(" ")[2] or "Undo"


@register.filter
def toast_tone(level: str) -> str:
    """Tone of a message's level: success is ok, error is bad."""
    return {"success": "ok", "warning": "warn", "error": "bad"}.get(str(level), "info")


@register.filter
def studio(name: str) -> str:
    """Ana Reyes -> Ana’s studio; an e-mail address gives its first part."""
    first = str(name).partition("@")[0].split(" ")[0]
    return f"{first}’s studio"


@register.filter
def usage_level(usage: Any) -> str:
    """`full` when nothing remains, `near` from a fifth of the limit down, else empty; units of top-ups remain, too."""
    if not usage.limit:
        return ""
    return "full" if usage.remaining <= 0 else "near" if 5 * usage.remaining <= usage.limit else ""


@register.filter
def keycaps(combo: str) -> SafeString:
    """`mod+k` or `g t` as key caps."""
    caps = [
        CAPS.get(key.lower(), key.upper() if len(key) == 1 else key) for key in str(combo).replace(" ", "+").split("+")
    ]
    return format_html_join("", '<kbd class="kbd"{}>{}</kbd>', [(MOD if cap == "⌘" else "", cap) for cap in caps])


@register.simple_tag
def spark(values: Sequence[float], tone: str = "", area: bool = True) -> SafeString:
    """`{% spark values tone="up" %}`: a small decorative plot; tone up (green), down (grey), accent or nothing."""
    line, fill = spark_paths(list(values or ()))
    if not line:
        return conditional_escape("")
    return format_html(
        '<svg class="spark {}" viewBox="0 0 100 28" preserveAspectRatio="none" aria-hidden="true">{}'
        '<path class="spark-line" d="{}" vector-effect="non-scaling-stroke"/></svg>',
        f"spark-{tone}" if tone else "",
        format_html('<path class="spark-area" d="{}"/>', fill) if area else "",
        line,
    )


@register.simple_tag
def meter(value: float, maximum: float | None, label: str, tone: str = "", live: str = "") -> SafeString:
    """`{% meter used limit "Scrapes used" %}`: a named bar; from 80 % amber, from 100 % red unless a tone is given."""
    if not tone and maximum:
        tone = "bad" if value >= maximum else "warn" if value >= 0.8 * maximum else ""
    return format_html(
        '<progress class="meter {}" value="{}" max="{}" aria-label="{}"{}></progress>',
        f"meter-{tone}" if tone else "",
        min(value, maximum or 0) if maximum else 0,
        maximum or 1,
        label,
        format_html(' data-live="{}"', live) if live else "",
    )


@register.inclusion_tag("components/charts/line.html")
def line_chart(chart: LineChart) -> dict[str, Any]:
    """`{% line_chart chart %}`: a `kapture.web.charts.LineChart` with legend, read-out and table."""
    return {"chart": chart}


@register.inclusion_tag("components/charts/bars.html")
def bar_chart(chart: BarChart) -> dict[str, Any]:
    """`{% bar_chart chart %}`: a `kapture.web.bars.BarChart` with legend, read-out and table."""
    return {"chart": chart}


def _query(context: Context) -> QueryDict:
    request = context.get("request")
    return request.GET.copy() if request is not None else QueryDict(mutable=True)


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """`{% query page=2 platform=None %}`: this page's query with values set (None removes), starting with `?`."""
    current = _query(context)
    for name, value in changes.items():
        if value is None:
            current.pop(name, None)
        elif isinstance(value, (list, tuple)):
            current.setlist(name, [str(item) for item in value])
        else:
            current[name] = str(value)
    encoded = current.urlencode()
    return f"?{encoded}" if encoded else "?"


@register.simple_tag(takes_context=True)
def query_without(context: Context, name: str, value: object) -> str:
    """`{% query_without "platform" "x" %}`: this page's query less one value of a repeated name, and less `page`."""
    current = _query(context)
    current.setlist(name, [item for item in current.getlist(name) if item != str(value)])
    current.pop("page", None)
    encoded = current.urlencode()
    return f"?{encoded}" if encoded else "?"


@register.filter
def lookup(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """`{{ counts|lookup:"x" }}`: the value of a key, None when there is none."""
    return (mapping or {}).get(key)
