"""What one answer used: the provider's own count, or an estimate that says so."""

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings

from kapture.gateways.writing.contract import Usage

CHARS_PER_TOKEN = 4
MICRO = 1_000_000


def counted(usage: Any, model: str, messages: Sequence[Any], text: str) -> Usage:
    """Tokens of one answer; where the provider counted none, four characters are taken for a token."""
    tokens_in, tokens_out = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    estimated = tokens_in is None or tokens_out is None
    if tokens_in is None or tokens_out is None:
        tokens_in = _estimate(json.dumps(list(messages), ensure_ascii=False, default=str))
        tokens_out = _estimate(text)
    stated = (getattr(usage, "model_extra", None) or {}).get("cost")
    cost = _micro(stated) if stated is not None else _priced(model, tokens_in, tokens_out)
    return Usage(tokens_in, tokens_out, estimated, cost)


def together(first: Usage, second: Usage) -> Usage:
    """The sum of two answers; one unknown cost makes the sum unknown."""
    costs = (first.cost_micro_usd, second.cost_micro_usd)
    return Usage(
        first.tokens_in + second.tokens_in,
        first.tokens_out + second.tokens_out,
        first.estimated or second.estimated,
        None if costs[0] is None or costs[1] is None else costs[0] + costs[1],
    )


def _count(usage: Any, name: str) -> int | None:
    value = getattr(usage, name, None)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31 else None


def _estimate(text: str) -> int:
    return -(-len(text) // CHARS_PER_TOKEN)


def _priced(model: str, tokens_in: int, tokens_out: int) -> int | None:
    """Dollars per million tokens are millionths of a dollar per token; a model without a set price costs an unknown."""
    price: tuple[Decimal, Decimal] | None = settings.OPENAI_PRICES.get(model)
    return None if price is None else round(price[0] * tokens_in + price[1] * tokens_out)


def _micro(dollars: Any) -> int | None:
    try:
        value = Decimal(str(dollars)) * MICRO
    except InvalidOperation:
        return None
    return round(value) if value.is_finite() and 0 <= value < 1 << 40 else None
