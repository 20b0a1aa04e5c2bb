"""Fills any JSON Schema with a scribe's lines: known names get what they mean, others what their type allows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kapture.sandbox.scribe import Scribe, Written

Schema = Mapping[str, Any]
DEEPEST = 8
_SECTIONS = {
    "hooks": ("hook", "hooks", "opening", "openings"),
    "titles": ("title", "titles", "headline", "headlines", "heading"),
    "script": ("script", "scripts", "beat", "beats", "outline", "step", "steps", "scene", "scenes", "sections"),
    "angle": ("angle", "angles", "why", "reason", "rationale", "summary"),
    "description": ("description", "descriptions", "caption", "captions", "body", "content", "paragraphs"),
    "hashtags": ("hashtag", "hashtags", "tag", "tags"),
}
_USUAL = {"hooks": 3, "titles": 3, "script": 6, "angle": 2, "description": 3, "hashtags": 6}
_SOURCE_NAMES = frozenset(
    {"source", "sources", "n", "sourcen", "sourcenumber", "sourcenumbers", "citation", "citations"}
)
_ROOT = "lines"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: its name, its place in the list around it, and the line that the object around it shows."""

    name: str = ""
    index: int = 0
    total: int = 1
    line: Written | None = None
    depth: int = 0


class Filler:
    """Makes one value for one schema."""

    def __init__(self, root: Schema, scribe: Scribe) -> None:
        self._root = root
        self._scribe = scribe

    def value(self) -> Any:
        """A value that fits the whole schema."""
        return self._fill(self._root, Place())

    def _fill(self, schema: Schema, place: Place) -> Any:
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._choice(list(schema["enum"]), place)
        kind = self._kind(schema, place)
        match kind:
            case "object":
                return self._object(schema, place)
            case "array":
                return self._array(schema, place)
            case "string":
                return _fitted(self._longer(self._text(place), schema, place), schema)
            case "integer" | "number":
                return self._number(schema, place, whole=kind == "integer")
            case "boolean":
                return True
            case _:
                return None

    def _resolved(self, schema: Schema) -> Schema:
        """A schema without $ref, anyOf, oneOf and allOf: the alternative that can hold something, the parts merged."""
        for _ in range(DEEPEST):
            if "$ref" in schema:
                rest = {key: value for key, value in schema.items() if key != "$ref"}
                schema = {**self._pointed(str(schema["$ref"])), **rest}
            elif "anyOf" in schema or "oneOf" in schema:
                options = schema.get("anyOf") or schema["oneOf"]
                kinds = [option for option in options if option.get("type") != "null"]
                nullable = {"nullable": True} if len(kinds) < len(options) else {}
                schema = {**(kinds[0] if kinds else {"type": "null"}), **nullable}
            elif "allOf" in schema:
                merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
                for part in schema["allOf"]:
                    merged = _merged(merged, self._resolved(part))
                schema = merged
        return schema

    def _pointed(self, pointer: str) -> Schema:
        found: Any = self._root
        for name in pointer.removeprefix("#").strip("/").split("/"):
            found = found[name] if name else found
        return dict(found)

    def _kind(self, schema: Schema, place: Place) -> str:
        kinds = schema.get("type") or ("object" if "properties" in schema else "string")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        unsupported = _plain(place.name) in _SOURCE_NAMES and (place.line is None or place.line.source is None)
        if unsupported and ("null" in kinds or schema.get("nullable")):
            return "null"
        return next((kind for kind in kinds if kind != "null"), "null")

    def _object(self, schema: Schema, place: Place) -> dict[str, Any]:
        names = dict(schema.get("properties") or {})
        if place.depth > DEEPEST:
            names = {name: names[name] for name in schema.get("required") or () if name in names}
        line = self._line(place) if place.depth else None
        return {
            name: self._fill(part, Place(name, place.index, place.total, line, place.depth + 1))
            for name, part in names.items()
        }

    def _array(self, schema: Schema, place: Place) -> list[Any]:
        if place.depth > DEEPEST:
            return []
        if _plain(place.name) in _SOURCE_NAMES:
            return [place.line.source] if place.line and place.line.source is not None else []
        total = self._total(schema, place)
        items = schema.get("items") or {"type": "string"}
        return [
            self._fill(items, Place(place.name or _ROOT, index, total, None, place.depth + 1)) for index in range(total)
        ]

    def _total(self, schema: Schema, place: Place) -> int:
        section = self._section(place.name)
        count = self._scribe.ask.count
        own = _plain(place.name) in (_ROOT, self._scribe.ask.task) or section == self._scribe.ask.task
        board = self._scribe.ask.task == "ideaboard" and section == "hooks"
        total = count if count and (own or board) else _USUAL.get(section, 3)
        return max(int(schema.get("minItems", 0)), min(total, int(schema.get("maxItems", total))))

    def _section(self, name: str) -> str:
        plain = _plain(name)
        named = next((section for section, names in _SECTIONS.items() if plain in names), "")
        task = self._scribe.ask.task
        return named or (task if task in _SECTIONS else "hooks")

    def _line(self, place: Place) -> Written:
        return self._scribe.line(self._section(place.name), place.index, place.total)

    def _text(self, place: Place) -> str:
        plain = _plain(place.name)
        match plain:
            case "title" if place.depth == 1:
                return self._scribe.title()
            case "topic":
                return self._scribe.topic
            case "tone":
                return self._scribe.ask.tone or "plain"
        named = any(plain in names for names in _SECTIONS.values())
        line = self._line(place) if named or place.line is None else place.line
        return line.quote if plain in ("quote", "evidence") else line.text

    def _longer(self, text: str, schema: Schema, place: Place) -> str:
        """The text with further lines of its section behind it, until it is as long as the schema wants."""
        index = 0
        while text and len(text) < int(schema.get("minLength", 0)):
            text = f"{text} {self._scribe.line(self._section(place.name), index, 8).text}"
            index += 1
        return text

    def _choice(self, options: list[Any], place: Place) -> Any:
        wanted = {self._scribe.ask.task, self._scribe.ask.task.rstrip("s"), self._scribe.ask.tone.lower()}
        named = [option for option in options if isinstance(option, str) and option.lower() in wanted]
        return named[0] if named else options[place.index % len(options)]

    def _number(self, schema: Schema, place: Place, *, whole: bool) -> float:
        plain = _plain(place.name)
        value: float = 0 if plain in _SOURCE_NAMES else place.index + 1
        if plain in _SOURCE_NAMES and place.line and place.line.source is not None:
            value = place.line.source
        elif "second" in plain or "duration" in plain or "start" in plain:
            value = place.index * 6
        elif "score" in plain or "confidence" in plain:
            value = float(schema.get("maximum", 1)) * 0.8
        value = max(value, schema.get("minimum", schema.get("exclusiveMinimum", value - 1) + 1))
        value = min(value, schema.get("maximum", value))
        return int(value) if whole else float(value)


def strict_problem(schema: Schema, path: str = "") -> str:
    """Why OpenAI would refuse this schema with `strict`: every object closed, every property required; else ''."""
    where = path or "the root"
    if "properties" in schema or schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            return f"'additionalProperties' is required to be supplied and to be false at {where}."
        missing = set(schema.get("properties") or {}) - set(schema.get("required") or ())
        if missing:
            return f"'required' must include every key in properties at {where}. Missing {sorted(missing)}."
    groups = [*(schema.get("properties") or {}).items(), *(schema.get("$defs") or {}).items()]
    groups += [("items", schema["items"])] if isinstance(schema.get("items"), Mapping) else []
    groups += [(str(index), part) for index, part in enumerate(schema.get("anyOf") or ())]
    return next(filter(None, (strict_problem(part, f"{path}/{name}") for name, part in groups)), "")


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalpha())


def _merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    properties = {**(first.get("properties") or {}), **(second.get("properties") or {})}
    required = [*(first.get("required") or ()), *(second.get("required") or ())]
    merged = {**first, **second}
    return {**merged, "properties": properties, "required": required} if properties else merged


def _fitted(text: str, schema: Schema) -> str:
    """A text no longer than the schema allows, cut at a word where that leaves enough."""
    shortest, longest = int(schema.get("minLength", 0)), int(schema.get("maxLength", len(text)))
    if len(text) <= longest:
        return text or "-" * shortest
    cut = text[: longest + 1].rsplit(" ", 1)[0]
    return cut if shortest <= len(cut) <= longest else text[:longest]
