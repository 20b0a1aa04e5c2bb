"""No JSON value breaks a normaliser."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kapture.core.choices import Platform
from kapture.gateways.scraping import Post, Rejected, normalise
from tests.gateways.scraping.samples import KEY_FREE, NOW, SAMPLES

DEEP: dict[str, Any] = {}
for _ in range(200):
    DEEP = {"a": DEEP}
STAND_INS: tuple[Any, ...] = (
    None, "", " ", 0, -1, 1, True, False, 2**70, -(2**70), 1e308, float("nan"), float("-inf"), "x" * 200_000,
    "9" * 6_000, "\x00\ud800\uffff", "#NAME?", "&#x110000;&#0;", [], {}, [[]], [None], {"name": {"name": []}},
    [{"text": 5}], DEEP, "http://[", "https://youtu.be/", "//", "%00%ff", "1 year ago", "NaN", b"bytes",
    "https://www.tiktok.com/@/video/",
)  # fmt: skip


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in below:
        yield (*path, key)
        yield from spots(inner, (*path, key))


def changed(record: Any, path: tuple[Any, ...], change: Any) -> Any:
    mutant = copy.deepcopy(record)
    owner = mutant
    for step in path[:-1]:
        owner = owner[step]
    if change is DEEP and not path:
        return DEEP
    owner[path[-1]] = change
    return mutant


def without(record: Any, path: tuple[Any, ...]) -> Any:
    mutant = copy.deepcopy(record)
    owner = mutant
    for step in path[:-1]:
        owner = owner[step]
    del owner[path[-1]]
    return mutant


def all_mutants(record: Any, stand_ins: tuple[Any, ...] = STAND_INS, most: int = 1_000) -> list[Any]:
    """The record with each of its values, at any depth, left out, nested and replaced by each of the stand-ins.

    Of more than `most` values some are passed over, evenly.
    """
    found = []
    paths = list(spots(record))
    for path in paths[:: -(-len(paths) // most) or 1]:
        found += [changed(record, path, change) for change in stand_ins]
        found += [without(record, path), changed(record, path, [value_at(record, path)])]
        found.append(changed(record, path, {"value": value_at(record, path)}))
    return found


def value_at(record: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        record = record[step]
    return record


def stands(outcome: Post | Rejected) -> bool:
    if isinstance(outcome, Rejected):
        outcome.note.encode()
        return True
    numbers = (
        outcome.views,
        outcome.likes,
        outcome.comments,
        outcome.shares,
        outcome.author_followers,
        outcome.duration_s,
    )
    texts = (outcome.external_id, outcome.url, outcome.title, outcome.text, outcome.author_id, outcome.author_name,
             outcome.author_handle, outcome.author_url, outcome.community, outcome.thumbnail_url, outcome.media_url,
             outcome.language, *outcome.hashtags)  # fmt: skip
    for text in texts:
        text.encode()
    return (
        all(number is None or abs(number) < 2**63 for number in numbers)
        and not any("\x00" in text for text in texts)
        and len(outcome.text) <= 20_000
        and len(outcome.title) <= 500
        and len(outcome.hashtags) <= 50
        and bool(outcome.external_id)
        and outcome.url.startswith("https://")
    )


SHAPES = [("apify", platform, record) for platform, record in SAMPLES.items()]
SHAPES += [(provider, platform, record) for provider, (platform, record) in KEY_FREE.items()]


@pytest.mark.parametrize(("provider", "platform", "record"), SHAPES)
def test_no_changed_key_breaks_a_normaliser(provider: str, platform: Platform, record: dict[str, Any]) -> None:
    mutants = all_mutants(record)
    assert all(stands(normalise(platform, mutant, now=NOW, provider=provider)) for mutant in mutants)
    print(f"\n{provider} {platform}: {len(mutants)} mutants", end="")  # noqa: T201


def test_there_are_enough_mutants() -> None:
    assert sum(len(all_mutants(record)) for _, _, record in SHAPES) >= 5_000


@pytest.mark.parametrize("platform", list(Platform))
@pytest.mark.parametrize(
    "record",
    [
        {"a/" * 3_000: "x", "id": "abcdefghi_1"},
        {"hashtags/99999999999999999999/name": "x", "hashtags/1/name": "y"},
        {"authorMeta/name": "a", "authorMeta": "b", "authorMeta/name/0": "c"},
        {5: 6, None: 7, "id": "7506866355807849999"},
        {"": "", "/": "x", ".": "y", "//": "z", "a//b": 1},
        {"hashtags": [{"name": f"tag{n}"} for n in range(100_000)], "id": "7506866355807849999"},
    ],
)
def test_odd_keys_break_nothing(platform: Platform, record: Any) -> None:
    assert stands(normalise(platform, record, now=NOW))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=12), below, max_size=4),
    max_leaves=12,
)
KEYS = sorted({str(step) for _, _, record in SHAPES for path in spots(record) for step in path})


@given(shape=st.sampled_from(SHAPES), record=st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), JSON))
def test_no_json_breaks_a_normaliser(shape: tuple[str, Platform, Any], record: dict[str, Any]) -> None:
    provider, platform, _ = shape
    given = {"kind": "t3", "data": record} if provider == "reddit" else record
    assert stands(normalise(platform, given, now=NOW, provider=provider))
