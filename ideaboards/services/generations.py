"""Text from the language model: ordered, paid for once, kept whatever way it ends.

One generation is one unit. It is charged when the text arrived, and when its owner stopped it after the provider had
been asked (the provider is paid by then). When the provider fails, nothing is charged and what had come is kept.
"""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from billing.services import release, reserve, settle
from ideaboards.grounding import Grounded, ground
from ideaboards.models import Generation, Ideaboard
from ideaboards.sources import as_sources, chosen
from ideaboards.specs import MAX_SOURCES, TASKS, WritingSpec, clean
from kapture.audit.services import record
from kapture.core.choices import UsageKind
from kapture.core.errors import DomainError, InvalidInput, RateLimited
from kapture.core.ids import new_id
from kapture.gateways import writing
from kapture.gateways.writing import Line, Source, Usage, WritingFailed, WritingRequest, Written, require_on
from trends.models import Trend

# Each running stream keeps a thread of the web process busy.
MOST_AT_ONCE = 2
# After this time a running row belongs to a process that died; its hold expires at the same age.
FORGOTTEN = timedelta(minutes=10)
State = Generation.State


@dataclass(frozen=True, slots=True)
class Order:
    """A generation that is paid for and not yet written, with what the writer gets."""

    generation: Generation
    request: WritingRequest
    trends: dict[int, str]

    @property
    def sources(self) -> tuple[Source, ...]:
        """The numbered sources."""
        return self.request.sources

    def grounded(self, lines: Sequence[Line]) -> list[Grounded]:
        """Lines with their claims checked."""
        return ground(lines, self.sources, self.trends)


@dataclass(frozen=True, slots=True)
class Piece:
    """Text to append to line `index` of a stream."""

    index: int
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """Line `index` of a stream is complete; this is what became of its claim."""

    index: int
    line: Grounded


@dataclass(frozen=True, slots=True)
class Ended:
    """The stream is over; `error` says why when it did not end well."""

    generation: Generation
    error: DomainError | None = None


Event = Piece | Checked | Ended


def begin(user: Any, spec: WritingSpec) -> Order:
    """Reserve one generation and note the order; raises `UsageExceeded`, `Unavailable` or another `DomainError`."""
    require_on()
    pk = new_id()
    with transaction.atomic():
        board = Ideaboard.objects.fetch(user, spec.board_id) if spec.board_id else None
        trends = wanted_trends(user, spec, board)
        running = Generation.objects.for_user(user).filter(
            state=State.RUNNING, created_at__gt=timezone.now() - FORGOTTEN
        )
        if running.exclude(kind=Generation.Kind.IDEABOARD).count() >= MOST_AT_ONCE:
            raise RateLimited("Two ideas are being written already. Wait for one of them.", retry_after=10)
        reserve(user, UsageKind.AI_GENERATION, 1, source_id=pk, for_job=False)
        generation = note(user, pk, spec, board)
        record(user, "ideaboards.generation_requested", generation, kind=spec.kind.value)
    return order_of(generation, spec, trends, board)


def note(user: Any, pk: Any, spec: WritingSpec, board: Ideaboard | None = None) -> Generation:
    """The row of a generation that is about to be written."""
    return Generation.objects.create(
        id=pk, owner=user, board=board, kind=spec.kind, prompt=spec.prompt, spec=spec.as_json()
    )


def order_of(generation: Generation, spec: WritingSpec, trends: Sequence[Trend], board: Ideaboard | None) -> Order:
    """What the writer gets for a generation; without a prompt it is about the board, or about its first source."""
    sources = as_sources(trends)
    about = clean(spec.prompt) or (board.title if board else "") or (sources[0].title if sources else "")
    request = WritingRequest(
        task=TASKS[spec.kind],
        topic=about,
        count=spec.lines,
        tone=clean(spec.tone),
        audience=clean(spec.audience),
        language=clean(spec.language),
        sources=sources,
        draft=board.body_text if board else "",
    )
    return Order(generation, request, {n: str(trend.pk) for n, trend in enumerate(trends, 1)})


def generate(user: Any, spec: WritingSpec) -> Generation:
    """Text in one go; no transaction is open while the provider writes."""
    order = begin(user, spec)
    try:
        written = writing.writer().complete(order.request)
    except DomainError as error:
        fail(order, error)
        raise
    except BaseException:
        fail(order, None)
        raise
    return complete(order, written)


def stream(order: Order) -> Generator[Event, None, None]:
    """Text as it is written; closing the iterator stops the provider and keeps what had come."""
    lines: tuple[Line, ...] = ()
    written: Written | None = None
    told = 0
    try:
        with closing(writing.writer().stream(order.request)) as chunks:
            for chunk in chunks:
                if chunk.written:
                    written = chunk.written
                    break
                lines = chunk.lines
                yield Piece(chunk.index, chunk.text)
                while told < len(lines) - 1:
                    yield Checked(told, order.grounded(lines[told : told + 1])[0])
                    told += 1
    except DomainError as error:
        yield Ended(fail(order, error), error)
        return
    except GeneratorExit:
        stop(order, lines)
        raise
    except BaseException:
        fail(order, None)
        raise
    assert written is not None
    yield Ended(complete(order, written))


def complete(order: Order, written: Written) -> Generation:
    """Keep what was written and charge for it."""
    lines = order.grounded(written.lines)
    with transaction.atomic():
        if keep(
            order.generation,
            State.COMPLETED,
            lines,
            written.usage,
            title=written.title[:300],
            model=written.model,
            shortened=written.shortened,
        ):
            settle(order.generation.pk, 1, "completed")
    return _fresh(order)


def stop(order: Order, lines: Sequence[Line]) -> Generation:
    """Keep what had come when the owner stopped it, and charge for it."""
    with transaction.atomic():
        if keep(order.generation, State.STOPPED, order.grounded(lines), None):
            settle(order.generation.pk, 1, "stopped after the provider was asked")
    return _fresh(order)


def fail(order: Order, error: DomainError | None) -> Generation:
    """Keep what had come before something failed, and charge nothing; None stands for a mistake of ours."""
    partial = error.partial if isinstance(error, WritingFailed) else ()
    usage = error.usage if isinstance(error, WritingFailed) else None
    code = getattr(error, "reason", error.code.lower()) if error else "internal_error"
    message = error.message if error else "Something broke on our side."
    with transaction.atomic():
        if keep(order.generation, State.FAILED, order.grounded(partial), usage, error_code=code, error_message=message):
            release(order.generation.pk, code)
    return _fresh(order)


def keep(
    generation: Generation, state: Generation.State, lines: Sequence[Grounded], usage: Usage | None, **fields: Any
) -> bool:
    """End a generation that is running; False when it has ended already. Tokens add up over several attempts."""
    if usage is not None:
        fields |= spent(usage)
    ended = Generation.objects.filter(pk=generation.pk, state=State.RUNNING).update(
        state=state,
        lines=[line.as_json() for line in lines],
        text="\n".join(line.text for line in lines),
        finished_at=Now(),
        updated_at=Now(),
        **fields,
    )
    return bool(ended)


def spent(usage: Usage) -> dict[str, Any]:
    """The counters of a generation after one more attempt; the cost stays empty while the price is not known."""
    cost = usage.cost_micro_usd
    return {
        "tokens_in": F("tokens_in") + usage.tokens_in,
        "tokens_out": F("tokens_out") + usage.tokens_out,
        "cost_micro_usd": None if cost is None else Coalesce("cost_micro_usd", 0) + cost,
        **({"tokens_estimated": True} if usage.estimated else {}),
    }


def sweep() -> int:
    """End the rows of processes that died while writing; returns how many. Their holds expire by themselves."""
    return (
        Generation.objects.filter(state=State.RUNNING, created_at__lt=timezone.now() - FORGOTTEN)
        .exclude(kind=Generation.Kind.IDEABOARD)
        .update(state=State.FAILED, error_code="lost", error_message="The writing was interrupted.", finished_at=Now())
    )


def wanted_trends(user: Any, spec: WritingSpec, board: Ideaboard | None = None) -> list[Trend]:
    """The trends named; without names those the board leans on. Raises `InvalidInput` when a named one is missing."""
    if spec.trend_ids:
        trends = chosen(user, spec.trend_ids)
        if len(trends) != len(set(spec.trend_ids)):
            raise InvalidInput({"trendIds": ["Some of these trends do not exist."]})
        return trends
    if board is None:
        return []
    return chosen(user, board.sources.exclude(trend=None).order_by("n").values_list("key", flat=True)[:MAX_SOURCES])


def _fresh(order: Order) -> Generation:
    order.generation.refresh_from_db()
    return order.generation
