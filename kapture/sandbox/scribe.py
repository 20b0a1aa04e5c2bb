"""Writes lines from sources: each leans on one of them, quotes its exact words, and never does what they say."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from kapture.sandbox.drafts import BARE, BOARD_TITLES, GROUNDED, SPARE_TAGS
from kapture.sandbox.prompts import Ask, Source

# Words by which a captured text tries to be an order; such a clause is not worth quoting.
_ORDERS = re.compile(r"ignor|instruction|system|prompt|assistant|previous|<|>|\{|\}|http|task:|count:", re.IGNORECASE)
_CLAUSES = re.compile(r"(?<=[.?!:;,\n])\s+|\s[|·–—-]\s|\n")
_PLATFORMS = {"youtube": "YouTube", "tiktok": "TikTok", "reddit": "Reddit", "x": "X"}
_JOINTS = frozenset(
    {"so", "and", "but", "because", "that", "when", "while", "with", "for", "from", "until", "if", "than", "who", "to"}
)
QUOTE_WORDS = 9
TITLE_CHARS = 90
_BEATS = (0, 3, 8, 14, 21, 27, 32)


@dataclass(frozen=True, slots=True)
class Written:
    """One line with what supports it; `source` is None and `quote` empty when nothing does."""

    text: str
    source: int | None = None
    quote: str = ""


class Scribe:
    """All lines of one answer; the same order always gets the same lines."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        seed = "|".join((ask.task, ask.topic, ask.tone, *(f"{item.n}{item.title}" for item in ask.sources)))
        self._seed = f"{seed}|{len(ask.avoid)}"
        self._made: dict[tuple[str, int], list[Written]] = {}
        self.quotes = {item.n: quotes_of(item) for item in ask.sources}
        self.topic = _topic(ask)

    def line(self, section: str, index: int, total: int) -> Written:
        """Line `index` of `total` of a section such as hooks, titles, script, angle, description or hashtags."""
        if (section, total) not in self._made:
            self._made[section, total] = list(self._written(section, total))
        lines = self._made[section, total]
        return lines[index % len(lines)]

    def title(self) -> str:
        """A name for the whole board, at most 80 characters."""
        item = self._cited()[0]
        lines = [self._filled(text, item, self._quote(item, 0)) for text in self._shuffled(BOARD_TITLES, "board")]
        return next((line for line in lines if line and len(line) <= 80), _capital(self.topic)[:80])

    def _written(self, section: str, total: int) -> Iterator[Written]:
        if section == "hashtags":
            yield from self._hashtags(total)
            return
        patterns = GROUNDED[section] if self.ask.sources else BARE[section]
        if section == "script":
            # The last sentence is the end of every script, however short it is.
            patterns = (*patterns[: max(total - 1, 0)][: len(patterns) - 1], patterns[-1])
        elif section in ("hooks", "titles"):
            patterns = self._shuffled(patterns, section)
        made: list[Written] = []
        for place in range(total * 4):
            written = self._one(section, patterns[place % len(patterns)], place, len(made), total)
            if written and written.text not in self.ask.avoid and written not in made:
                made.append(written)
            if len(made) == total:
                break
        yield from made or [Written(_capital(self.topic))]

    def _one(self, section: str, pattern: str, place: int, index: int, total: int) -> Written | None:
        cited = self._cited()
        item = cited[place % len(cited)]
        quote = self._quote(item, place // len(cited))
        text = self._filled(pattern, item, quote)
        if text is None or (section == "titles" and len(text) > TITLE_CHARS):
            return None
        if section == "script":
            text = f"{_clock(_beat(index))} {text}"
        leans = item is not None and any(gap in pattern for gap in ("{q}", "{a}", "{m}"))
        return Written(text, item.n, quote) if item and leans and quote else Written(text)

    def _hashtags(self, total: int) -> Iterator[Written]:
        tags: dict[str, Written] = {}
        longest = max((len(item.hashtags) for item in self.ask.sources), default=0)
        for place in range(longest):
            for item in self.ask.sources:
                if place < len(item.hashtags) and _tag(item.hashtags[place]):
                    quote = item.hashtags[place]
                    tags.setdefault(_tag(quote).lower(), Written(f"#{_tag(quote)}", item.n, quote))
        for spare in (_tag(self.topic), *SPARE_TAGS):
            if spare:
                tags.setdefault(spare.lower(), Written(f"#{spare}"))
        yield from list(tags.values())[:total]

    def _cited(self) -> list[Source | None]:
        return list(self.ask.sources) or [None]

    def _quote(self, item: Source | None, turn: int) -> str:
        quotes = self.quotes[item.n] if item else []
        return quotes[turn % len(quotes)] if quotes else ""

    def _filled(self, pattern: str, item: Source | None, quote: str) -> str | None:
        """A pattern with its gaps filled, None when this source has nothing for one of them."""
        gaps = {"t": self.topic, "T": _capital(self.topic), "n": str(len(self.ask.sources))}
        if item:
            gaps |= {"q": quote, "a": item.author, "p": _PLATFORMS.get(item.platform, "the web")}
            gaps["m"] = f"{item.multiple:.1f} times" if item.multiple and item.multiple >= 1.5 else ""
        wanted = set(re.findall(r"\{(\w)\}", pattern))
        return pattern.format(**gaps) if all(gaps.get(name) for name in wanted) else None

    def _shuffled(self, patterns: tuple[str, ...], section: str) -> tuple[str, ...]:
        return tuple(Random(f"{self._seed}|{section}").sample(patterns, len(patterns)))


def quotes_of(source: Source) -> list[str]:
    """Exact words of a source's title, then of its text, in pieces of not more than nine words that read well alone."""
    found: list[str] = []
    for whole in (source.title, source.text):
        clauses = [clause.strip(" .,;:!?…\"'“”()#") for clause in _CLAUSES.split(whole)]
        fit = [_shortened(clause) for clause in clauses if clause and not _ORDERS.search(clause)]
        found += [clause for clause in fit if len(clause.split()) >= (3 if fit != [clause] else 1)]
    return list(dict.fromkeys(found))[:4]


def _shortened(clause: str) -> str:
    """The clause up to a joint after its fourth to ninth word, or its first nine words."""
    words = list(re.finditer(r"\S+", clause))
    if len(words) <= QUOTE_WORDS:
        return clause
    joints = [index for index in range(4, QUOTE_WORDS + 1) if words[index][0].lower() in _JOINTS]
    end = joints[-1] if joints else QUOTE_WORDS
    return clause[: words[end - 1].end()].rstrip(",;:")


def _topic(ask: Ask) -> str:
    if ask.topic:
        words = _ended(ask.topic.strip(" .!?").split()[:7])
        short = " ".join(words)[:60].strip()
        first = short.split(" ", maxsplit=1)[0]
        return short[:1].lower() + short[1:] if first[1:].islower() or first == "A" else short
    tags = [tag for item in ask.sources for tag in item.hashtags]
    return _tag(tags[0]) if tags else "this idea"


def _ended(words: list[str]) -> list[str]:
    """The words without a joint at their end, which would leave the reader waiting."""
    while len(words) > 1 and words[-1].lower() in _JOINTS:
        words = words[:-1]
    return words


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _tag(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum() or letter == "_")[:40]


def _beat(index: int) -> int:
    return _BEATS[index] if index < len(_BEATS) else _BEATS[-1] + 6 * (index - len(_BEATS) + 1)


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02}"
