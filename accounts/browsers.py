"""Browsers in the words of people."""

from dataclasses import dataclass

from django.http import HttpRequest
from ua_parser import parse

# No honest browser says more about itself.
AGENT_CHARS = 200
BROWSERS = {
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chrome Mobile WebView": "Chrome",
    "HeadlessChrome": "Chrome",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Edge Mobile": "Edge",
    "Opera Mobile": "Opera",
}
SYSTEMS = {"Mac OS X": "macOS"}
PHONES = {"iOS", "Android"}


@dataclass(frozen=True, slots=True)
class Browser:
    """What a request said it came from; nobody checks that it is true."""

    name: str
    is_phone: bool


def agent_of(request: HttpRequest) -> str:
    """What a request says it comes from, cut to what is kept."""
    return request.headers.get("User-Agent", "")[:AGENT_CHARS]


def browser_of(agent: str) -> Browser:
    """The browser and system of a User-Agent header, such as Firefox on Linux."""
    found = parse(agent)
    family = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    browser = BROWSERS.get(family, family) or "Unknown browser"
    name = f"{browser} on {SYSTEMS.get(system, system)}" if system else browser
    return Browser(name, system in PHONES)
