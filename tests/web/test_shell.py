"""Rooms add data to the frame; it is asked for once, late, and only for somebody signed in."""

from types import SimpleNamespace
from typing import Any

import pytest

from kapture.web import shell


@pytest.fixture
def registry(monkeypatch):
    """An empty registry of its own for each test."""
    kept: dict[str, Any] = {}
    monkeypatch.setattr(shell, "_providers", kept)
    return kept


def _request(signed_in: bool) -> Any:
    return SimpleNamespace(user=SimpleNamespace(is_authenticated=signed_in))


def test_a_provider_runs_once_and_late(registry):
    calls = []

    def plan(request):
        calls.append(request)
        return "Pro"

    shell.register("plan", plan)
    frame = shell.Shell(_request(True))
    assert calls == []
    assert [frame["plan"], frame["plan"]] == ["Pro", "Pro"]
    assert len(calls) == 1


def test_a_visitor_has_no_data(registry):
    shell.register("plan", lambda request: pytest.fail("asked for a visitor"))
    assert shell.Shell(_request(False))["plan"] is None


def test_an_unknown_name_is_missing(registry):
    with pytest.raises(KeyError):
        shell.Shell(_request(True))["plan"]


def test_two_providers_of_one_name_are_a_mistake(registry):
    shell.register("plan", repr)
    shell.register("plan", repr)
    with pytest.raises(ValueError, match="plan"):
        shell.register("plan", str)


def test_a_colour_is_stable():
    assert shell.hue_of("a") == shell.hue_of("a")
    assert {shell.hue_of(index) for index in range(200)} == set(shell.HUES)
