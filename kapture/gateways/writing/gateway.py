"""The door to any provider that speaks OpenAI's chat completions."""

import random
import time
from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx2
import openai
from django.conf import settings
from openai.types.chat import ChatCompletionMessageParam

from kapture.gateways.breaker import guarded
from kapture.gateways.writing import answers, counting, dialect, failures, protocol
from kapture.gateways.writing.contract import (
    SERVICE,
    Chunk,
    Task,
    Usage,
    WritingFailed,
    WritingRequest,
    Written,
)
from kapture.gateways.writing.listening import Heard, hear, listen
from kapture.gateways.writing.switch import require_on

OPENAI = "https://api.openai.com/v1"
MODEL = "gpt-5.4-mini"
ATTEMPTS = 3
LONGEST_WAIT = 5.0
DIALECTS = 6
Messages = list[ChatCompletionMessageParam]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for a connection, for the next bytes, and for a whole streamed answer."""

    connect: float = 5.0
    read: float = 60.0
    total: float = 180.0


def writer() -> "Writer":
    """The provider that is set; raises `Unavailable` naming the setting when there is none."""
    require_on()
    # A name left empty in `.env` means the usual value.
    return _writer(settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL or OPENAI, settings.OPENAI_MODEL or MODEL)


@lru_cache(maxsize=16)
def _writer(key: str, base_url: str, model: str) -> "Writer":
    return Writer(key, base_url, model)


class Writer:
    """One provider and model; safe to share between threads, and remembers how this provider wants to be asked."""

    def __init__(self, key: str, base_url: str, model: str, timeouts: Timeouts = Timeouts()) -> None:
        self.model = model
        self.timeouts = timeouts
        self._dialect = dialect.first_guess(base_url)
        # Retries are ours: the SDK's would sleep through a Retry-After of two minutes inside a web request, repeat an
        # exhausted quota, and pay twice for an answer that was only slow.
        self._client = openai.OpenAI(
            api_key=key,
            base_url=base_url,
            max_retries=0,
            timeout=httpx2.Timeout(timeouts.read, connect=timeouts.connect),
        )

    def complete(self, request: WritingRequest) -> Written:
        """The whole answer, valid or refused with `WritingFailed`; an unreadable one is asked for once more."""
        messages = protocol.messages(request)
        first = self._ask(messages, request.task)
        return self._settled(request.task, messages, first)

    def stream(self, request: WritingRequest) -> Generator[Chunk, None, None]:
        """The answer while it is written, then once more whole; a cut stream raises `cut` with what had come."""
        messages = protocol.messages(request)
        stream = guarded(SERVICE, lambda: self._create(messages, request.task, stream=True))
        heard = Heard(request.task, self.model)
        try:
            yield from listen(stream, heard, time.monotonic() + self.timeouts.total)
        except (*failures.RAISED, WritingFailed) as error:
            found = failures.translate(error)
            # Bytes that stop in the middle are a cut, not a provider that was never reached.
            failed = failures.failure("cut") if found.reason in ("unreachable", "bad_output") else found
            failed.partial = answers.growing(request.task, heard.text)
            failed.usage = counting.counted(heard.usage, heard.model, messages, heard.text)
            raise failed from error
        finally:
            stream.close()
        yield Chunk(written=self._settled(request.task, messages, heard))

    def _settled(self, task: Task, messages: Messages, heard: Heard) -> Written:
        """The answer that was heard or, when it cannot be read, the one of a single second try."""
        usage = counting.counted(heard.usage, heard.model, messages, heard.text)
        try:
            return _written(heard, usage)
        except answers.BadAnswer as problem:
            again = messages + (protocol.repair(heard.text, str(problem)) if heard.text.strip() else [])
        try:
            second = self._ask(again, task)
            usage = counting.together(usage, counting.counted(second.usage, second.model, again, second.text))
            return _written(second, usage)
        except answers.BadAnswer as problem:
            raise failures.failure("bad_output" if second.text.strip() else "empty", usage=usage) from problem
        except WritingFailed as failed:
            failed.usage = usage
            raise

    def _ask(self, messages: Messages, task: Task) -> Heard:
        return guarded(SERVICE, lambda: self._whole(messages, task))

    def _whole(self, messages: Messages, task: Task) -> Heard:
        try:
            return hear(task, self.model, self._create(messages, task, stream=False))
        except failures.RAISED as error:
            raise failures.translate(error) from error

    def _create(self, messages: Messages, task: Task, *, stream: bool) -> Any:
        """The SDK's answer in the first dialect the provider accepts; raises `WritingFailed`."""
        current = self._dialect
        for _ in range(DIALECTS):
            try:
                answer = self._patiently(
                    messages, {**dialect.arguments(current, task, stream=stream), "stream": stream}
                )
            except failures.RAISED as error:
                other = dialect.adapt(current, error)
                if other is None:
                    raise failures.translate(error) from error
                current = other
            else:
                self._dialect = current
                return answer
        raise failures.failure("bad_request")

    def _patiently(self, messages: Messages, arguments: dict[str, Any]) -> Any:
        """The SDK's answer, tried up to three times with short waits while the provider is busy or out of reach."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._client.chat.completions.create(model=self.model, messages=messages, **arguments)
            except (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError) as error:
                found = failures.translate(error)
                wait = found.retry_after if found.retry_after is not None else 0.4 * 2**attempt * random.uniform(0.5, 1)
                # A slow answer is not asked for twice: it has been paid for, and the user has waited a minute already.
                if attempt == ATTEMPTS or wait > LONGEST_WAIT or found.reason in ("timeout", "no_credit"):
                    raise
                time.sleep(wait)
        raise failures.failure("unreachable")


def _written(heard: Heard, usage: Usage) -> Written:
    if heard.finish == "length":
        lines = answers.growing(heard.task, heard.text)[:-1]
        if not lines:
            raise failures.failure("cut", usage=usage)
        return Written("", lines, heard.model, usage, shortened=True)
    title, lines = answers.read(heard.task, heard.text)
    return Written(title, lines, heard.model, usage)
