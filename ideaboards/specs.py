"""What can be asked of this room, in forms that cannot be invalid."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from ideaboards.models import Generation, Ideaboard
from ideaboards.richtext import NOT_TEXT, Node
from kapture.core.errors import InvalidInput
from kapture.gateways.writing import Task
from kapture.web.shell import HUES

MAX_PROMPT = 1_000
MAX_SOURCES = 20
MAX_COUNT = 20
MAX_TAGS = 20
MAX_TAG = 50
TITLE = 200
DESCRIPTION = 2_000
SHORT = 100

TASKS = {
    Generation.Kind.HOOK: Task.HOOKS,
    Generation.Kind.TITLE: Task.TITLES,
    Generation.Kind.SCRIPT: Task.SCRIPT,
    Generation.Kind.DESCRIPTION: Task.DESCRIPTION,
    Generation.Kind.HASHTAGS: Task.HASHTAGS,
    Generation.Kind.IDEABOARD: Task.IDEABOARD,
}
# What is written into a board; the kind of whole boards is no choice there.
LINE_KINDS = [choice for choice in Generation.Kind.choices if choice[0] != Generation.Kind.IDEABOARD]
USUAL_COUNT = {
    Generation.Kind.SCRIPT: 8,
    Generation.Kind.DESCRIPTION: 3,
    Generation.Kind.HASHTAGS: 10,
}


@dataclass(frozen=True, slots=True)
class WritingSpec:
    """An order for text: at least a topic or one source; the count is 1 to 20 lines, None for the kind's usual."""

    kind: Generation.Kind
    prompt: str = ""
    trend_ids: tuple[UUID, ...] = ()
    board_id: UUID | None = None
    tone: str = ""
    audience: str = ""
    language: str = ""
    count: int | None = None

    def __post_init__(self) -> None:
        errors: dict[str, list[str]] = {}
        if len(self.prompt) > MAX_PROMPT:
            errors["prompt"] = [f"At most {MAX_PROMPT:,} characters."]
        if not self.prompt.strip() and not self.trend_ids and self.board_id is None:
            errors["prompt"] = ["Say what it is about, or choose trends to start from."]
        if len(self.trend_ids) > MAX_SOURCES:
            errors["trendIds"] = [f"At most {MAX_SOURCES} trends."]
        for name in ("tone", "audience", "language"):
            if len(getattr(self, name)) > SHORT:
                errors[name] = [f"At most {SHORT} characters."]
        if self.count is not None and not 1 <= self.count <= MAX_COUNT:
            errors["count"] = [f"From 1 to {MAX_COUNT}."]
        if errors:
            raise InvalidInput(errors)

    @property
    def lines(self) -> int:
        """How many lines to write."""
        return self.count or USUAL_COUNT.get(self.kind, 5)

    def as_json(self) -> dict[str, Any]:
        """The form in which jobs and generations keep it."""
        return {
            "kind": self.kind.value,
            "prompt": self.prompt,
            "trendIds": [str(pk) for pk in self.trend_ids],
            "boardId": str(self.board_id) if self.board_id else None,
            "tone": self.tone,
            "audience": self.audience,
            "language": self.language,
            "count": self.count,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "WritingSpec":
        """The spec that was kept."""
        board = value.get("boardId")
        return cls(
            kind=Generation.Kind(value["kind"]),
            prompt=value["prompt"],
            trend_ids=tuple(UUID(pk) for pk in value["trendIds"]),
            board_id=UUID(board) if board else None,
            tone=value["tone"],
            audience=value["audience"],
            language=value["language"],
            count=value["count"],
        )


@dataclass(frozen=True, slots=True)
class BoardChanges:
    """What to change on a board; None leaves a field as it is. `version` is the one the change was made from."""

    title: str | None = None
    description: str | None = None
    body: Node | None = None
    state: Ideaboard.State | None = None
    colour: str | None = None
    tags: tuple[str, ...] | None = None
    version: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        errors: dict[str, list[str]] = {}
        if self.title is not None and not 0 < len(clean(self.title)) <= TITLE:
            errors["title"] = [f"From 1 to {TITLE} characters."]
        if self.description is not None and len(self.description) > DESCRIPTION:
            errors["description"] = [f"At most {DESCRIPTION:,} characters."]
        if self.colour is not None and self.colour not in HUES:
            errors["colour"] = [f"One of {', '.join(HUES)}."]
        if self.tags is not None and (len(self.tags) > MAX_TAGS or any(not clean(tag) for tag in self.tags)):
            errors["tags"] = [f"At most {MAX_TAGS} tags, none of them empty."]
        if self.tags is not None and any(len(clean(tag)) > MAX_TAG for tag in self.tags):
            errors["tags"] = [f"A tag has at most {MAX_TAG} characters."]
        if self.body is not None and self.version is None:
            errors["version"] = ["Name the version the new body was made from."]
        if errors:
            raise InvalidInput(errors)


def clean(text: str) -> str:
    """One line of text without control characters and needless spaces."""
    return " ".join(NOT_TEXT.sub("", text).split())


def clean_tags(tags: tuple[str, ...]) -> list[str]:
    """Tags without a leading # and without repeats, whatever their case, in order and as first written."""
    found: dict[str, str] = {}
    for tag in tags:
        word = clean(tag).removeprefix("#").strip()
        if word:
            found.setdefault(word.casefold(), word)
    return list(found.values())
