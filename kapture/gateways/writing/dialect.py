"""The parts of the chat API in which providers differ, and the next thing to try when one is refused."""

from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

import openai

from kapture.gateways.writing import answers
from kapture.gateways.writing.contract import Task
from kapture.gateways.writing.failures import NO_CREDIT, TOO_LONG
from kapture.gateways.writing.protocol import output_tokens

Structure = Literal["json_schema", "json_object", "plain"]
LOWER: dict[Structure, Structure] = {"json_schema": "json_object", "json_object": "plain"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one provider wants to be asked; the prompt states the JSON shape in words in every case."""

    structure: Structure = "json_schema"
    limit: Literal["max_completion_tokens", "max_tokens"] = "max_tokens"
    stream_usage: bool = True


def first_guess(base_url: str) -> Dialect:
    """OpenAI itself wants the newer name of the length limit; most compatible servers know the older one only."""
    host = urlsplit(base_url).hostname or ""
    return Dialect(limit="max_completion_tokens" if host.endswith("openai.com") else "max_tokens")


def arguments(dialect: Dialect, task: Task, *, stream: bool) -> dict[str, Any]:
    """The keyword arguments of the call besides model and messages."""
    found: dict[str, Any] = {dialect.limit: output_tokens(task)}
    if dialect.structure == "json_schema":
        shape = {"name": f"kapture_{task.value}", "strict": True, "schema": answers.schema(task)}
        found["response_format"] = {"type": "json_schema", "json_schema": shape}
    elif dialect.structure == "json_object":
        found["response_format"] = {"type": "json_object"}
    if stream and dialect.stream_usage:
        found["stream_options"] = {"include_usage": True}
    return found


def adapt(dialect: Dialect, error: Exception) -> Dialect | None:
    """The dialect to try next after a refusal, or None when asking in another way cannot help."""
    if not isinstance(error, openai.APIStatusError) or error.code in NO_CREDIT | TOO_LONG:
        return None
    told = f"{error.param} {error.message}".lower()
    if error.status_code >= 500 and "response_format" not in told and "json_schema" not in told:
        return None
    if error.status_code not in (400, 404, 422) and error.status_code < 500:
        return None
    if "max_tokens" in told and dialect.limit == "max_tokens":
        return replace(dialect, limit="max_completion_tokens")
    if "max_completion_tokens" in told and dialect.limit == "max_completion_tokens":
        return replace(dialect, limit="max_tokens")
    if "stream_options" in told and dialect.stream_usage:
        return replace(dialect, stream_usage=False)
    # Servers word this refusal in many ways (OpenRouter with a 404 that names no parameter), so any of the three codes
    # steps down; the request is refused again, and at once, when its form was not the reason.
    lower = LOWER.get(dialect.structure)
    if lower is None or (error.status_code == 404 and error.code == "model_not_found"):
        return None
    return replace(dialect, structure=lower)
