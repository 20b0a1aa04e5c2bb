"""Tolerant readers of single values: each takes any JSON value and answers a clean one or nothing, and never raises."""

import html
import math
import re
import unicodedata
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

MAX_TITLE: Final = 500
MAX_TEXT: Final = 20_000
MAX_NAME: Final = 200
MAX_URL: Final = 2048
MAX_HASHTAGS: Final = 50
MAX_HASHTAG: Final = 100
BIGGEST: Final = 2**63 - 1
LONGEST_SECONDS: Final = 14 * 24 * 3600

# Control characters that PostgreSQL or a page cannot carry; tab and line feed stay. Lone surrogates are no text at all.
UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
COUNTER = re.compile(
    r"([+-]?)([0-9]{1,3}(?:[, \u00a0\u202f][0-9]{3})+|[0-9]+)(\.[0-9]+)?\s?([kmbt]?)(?:\s+[a-z]+)?", re.IGNORECASE
)
SCALE = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,3}):([0-9]{1,2})(?:\.[0-9]+)?")
ISO_DURATION = re.compile(
    r"P(?:([0-9]{1,3})D)?(?:T(?:([0-9]{1,4})H)?(?:([0-9]{1,5})M)?(?:([0-9]{1,7})(?:\.[0-9]+)?S)?)?"
)
HASHTAG = re.compile(r"(?<![\w&/#])[#\uff03]([^\s#\uff03]{1,200})")
LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*")
# What platforms say when they do not know ("und", TikTok's "un") or when there are no words at all (X's q… and zxx).
NO_LANGUAGE = frozenset({"un", "und", "zxx", "art", "mis", "mul", "qme", "qht", "qam", "qct", "qst"})


def text(value: object, limit: int = MAX_TEXT, *, entities: bool = False) -> str:
    """Clean text, cut at `limit` characters; numbers become their digits, everything else ''.

    `entities` resolves HTML entities once, for the platforms whose actors leave them in place.
    """
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= BIGGEST:
        value = str(value)
    if not isinstance(value, str):
        return ""
    # Cut first: an item can carry megabytes, of which only the beginning is kept.
    clean = value[: limit * 4]
    if entities and "&" in clean:
        clean = html.unescape(clean)
    clean = UNWANTED.sub("", clean.replace("\r\n", "\n").replace("\r", "\n"))
    # From each beginning of an HTML comment PostgreSQL's search reads on to the end: a second for a full text of them.
    clean = clean.replace("<!--", "<! --")
    return clean.strip()[:limit].rstrip()


def line(value: object, limit: int = MAX_NAME, *, entities: bool = False) -> str:
    """Clean text on one line."""
    return " ".join(text(value, limit, entities=entities).split())


def count(value: object, *, negative: bool = False) -> int | None:
    """A counter: a number, its digits, or a short form such as "1.2K" or "2044.8B"; None for anything else.

    Below zero only with `negative` (a score); platforms write -1 for a hidden counter.
    """
    number: int | None = None
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        number = value
    elif isinstance(value, float):
        number = int(value) if math.isfinite(value) else None
    elif isinstance(value, str) and len(value) <= 40:
        number = _written_count(value.strip())
    if number is None or abs(number) > BIGGEST or (number < 0 and not negative):
        return None
    return number


def _written_count(written: str) -> int | None:
    found = COUNTER.fullmatch(written)
    if found is None:
        return None
    sign, whole, fraction, unit = found.groups()
    digits = re.sub(r"[^0-9]", "", whole)
    decimals = (fraction or ".")[1:]
    # "123.0" is a spreadsheet's whole number; "1.234" may mean a thousand or one: nobody can tell.
    if decimals and not unit and (len(decimals) == 3 or decimals.strip("0")):
        return None
    # Whole numbers all the way: a float would lose the last digits of a 64-bit counter.
    scaled: int = int(digits + decimals) * SCALE[unit.lower()] // 10 ** len(decimals)
    return -scaled if sign == "-" else scaled


def flag(value: object) -> bool:
    """Whether a value says yes: true, 1, or a spreadsheet's "TRUE"."""
    if isinstance(value, str):
        return value.strip().lower() in {"true", "1", "yes"}
    return value is True or (isinstance(value, int) and value == 1)


def seconds(value: object) -> int | None:
    """A duration in whole seconds, from "1:02:03", "0:20", "PT1M3S" or a number of seconds; None if unknown or 0."""
    total = _written_seconds(value.strip()[:40]) if isinstance(value, str) else count(value)
    return total if total and total <= LONGEST_SECONDS else None


def _written_seconds(written: str) -> int | None:
    if clock := CLOCK.fullmatch(written):
        hours, minutes, secs = (int(part or 0) for part in clock.groups())
        return hours * 3600 + minutes * 60 + secs
    if len(written) > 1 and (iso := ISO_DURATION.fullmatch(written)):
        days, hours, minutes, secs = (int(part or 0) for part in iso.groups())
        return days * 86_400 + hours * 3600 + minutes * 60 + secs
    return count(written)


def link(value: object, base: str = "") -> str:
    """An absolute http(s) address without user name or fragment; '' for anything else or when over 2048 characters.

    With `base`, an address that starts with "/" is completed.
    """
    if not isinstance(value, str) or len(value) > MAX_URL * 2:
        return ""
    raw = value.strip()
    if not raw or UNWANTED.search(raw) or any(char.isspace() for char in raw):
        return ""
    try:
        if base and raw.startswith("/"):
            raw = urljoin(base, raw)
        parts = urlsplit(raw)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in {"http", "https"} or not host:
        return ""
    netloc = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    clean = urlunsplit((parts.scheme.lower(), netloc, parts.path, parts.query, ""))
    return clean if len(clean) <= MAX_URL else ""


def host_and_path(value: object, base: str = "") -> tuple[str, list[str], str]:
    """Host (lower case, without www., m. and the like), path segments and query of an address; empty if it is none."""
    clean = link(value, base)
    if not clean:
        return "", [], ""
    parts = urlsplit(clean)
    host = re.sub(r"^(?:www|m|mobile|music|old|new|np|amp)\.", "", parts.hostname or "")
    return host, [segment for segment in parts.path.split("/") if segment], parts.query


def handle(value: object) -> str:
    """A user's handle without '@', percent-decoded."""
    name = line(value)
    return line(unquote(name)).lstrip("@") if name else ""


def language(value: object) -> str:
    """Primary ISO 639 subtag in lower case, or '' when the platform does not know."""
    found = LANGUAGE.fullmatch(text(value, 40).lower())
    return "" if found is None or found[1] in NO_LANGUAGE else found[1]


def hashtag(value: object) -> str:
    """One hashtag without '#', casefolded (NFC); '' when it is none."""
    name = unicodedata.normalize("NFC", line(value, MAX_HASHTAG + 1)).lstrip("#\uff03")
    # Casefolding can lengthen a text and undo the normal form, so it comes first and the form again after it.
    folded = unicodedata.normalize("NFC", name.casefold())
    end = next((index for index, char in enumerate(folded) if not _in_hashtag(char)), len(folded))
    tag = folded[:end].rstrip("_")
    return tag if tag and len(tag) <= MAX_HASHTAG and not tag.isdigit() else ""


def _in_hashtag(char: str) -> bool:
    # Letters, marks (Indic vowel signs are marks, which \w would cut off), numbers, underscore, and the joiners that
    # Persian and Indic words need.
    return unicodedata.category(char)[0] in "LMN" or char in "_\u200c\u200d"


def hashtags(given: list[object], *texts: str) -> tuple[str, ...]:
    """The given tags, then those written in the texts: unique, in order, at most 50."""
    found = [hashtag(tag) for tag in given]
    for body in texts:
        found.extend(hashtag(match) for match in HASHTAG.findall(body))
    return tuple(dict.fromkeys(tag for tag in found if tag))[:MAX_HASHTAGS]
