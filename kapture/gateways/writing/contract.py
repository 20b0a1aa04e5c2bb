"""What the product asks of a language model and what it gets back."""

from dataclasses import dataclass

from django.db.models import TextChoices

from kapture.core.errors import VendorFailed

SERVICE = "openai"


class Task(TextChoices):
    """What is to be written; the values are words of the prompt protocol."""

    HOOKS = "hooks", "Hooks"
    TITLES = "titles", "Titles"
    SCRIPT = "script", "Script"
    DESCRIPTION = "description", "Description"
    HASHTAGS = "hashtags", "Hashtags"
    IDEABOARD = "ideaboard", "Ideaboard"


@dataclass(frozen=True, slots=True)
class Source:
    """One captured post the text may lean on; `n` is its number in the prompt, `multiple` of its author's usual."""

    n: int
    platform: str
    title: str
    author: str = ""
    text: str = ""
    multiple: float | None = None
    hashtags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WritingRequest:
    """One order: the task, what it is about, and the numbered sources; `draft` is the board's text so far."""

    task: Task
    topic: str
    count: int = 5
    tone: str = ""
    audience: str = ""
    language: str = ""
    sources: tuple[Source, ...] = ()
    draft: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One written line; `source` and `quote` are the writer's own claim and not yet checked."""

    text: str
    source: int | None = None
    quote: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one order, `estimated` when the provider sent no count; cost in millionths of a US dollar, if known."""

    tokens_in: int
    tokens_out: int
    estimated: bool = False
    cost_micro_usd: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A complete answer; `shortened` when the provider stopped at the length limit and the last line was dropped."""

    title: str
    lines: tuple[Line, ...]
    model: str
    usage: Usage
    shortened: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a stream: text to append to line `index`; the last chunk has the whole answer instead.

    `lines` holds everything that was written so far; its last line may be incomplete.
    """

    index: int = 0
    text: str = ""
    lines: tuple[Line, ...] = ()
    written: Written | None = None


class WritingFailed(VendorFailed):
    """The provider did not deliver; `partial` holds the complete lines it had sent, `usage` what it cost so far."""

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        retryable: bool = False,
        retry_after: int | None = None,
        partial: tuple[Line, ...] = (),
        usage: Usage | None = None,
    ) -> None:
        super().__init__(SERVICE, reason, message, retryable=retryable, retry_after=retry_after)
        self.partial = partial
        self.usage = usage
