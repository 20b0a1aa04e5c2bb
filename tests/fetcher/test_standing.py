"""What health pages say of who fetches, without asking anybody while they are looked at."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from kapture.core.health import probes
from kapture.gateways.media.standing import ask_service, probe
from kapture.settings.service import service_address
from tests.api.answers import accepted
from tests.fetcher.meddler import Meddler, meddling
from tests.fetcher.running import TOKEN


def test_a_machine_that_fetches_for_itself_says_so(client: Client, db: None) -> None:
    assert accepted(client.get("/api/health"))["checks"]["fetching"] == {
        "status": "ok",
        "detail": "This machine fetches for itself.",
    }
    ask_service()


def test_the_service_is_asked_by_a_clock_and_told_to_all(wire: Meddler, settings: Settings) -> None:
    assert probes["fetching"] is probe
    assert "was not asked" in probe()[1]
    assert wire.seen == []
    ask_service()
    status, detail = probe()
    assert status == "ok"
    assert "0 of its 2 places were taken. egress: " in detail
    assert "proxies: Direct" in detail
    assert len(wire.seen) == 1
    settings.YTDLP_SERVICE_TOKEN = "another token that is long enough to be one"
    ask_service()
    assert probe()[0] == "down"
    assert "refused the token" in probe()[1]


def test_one_that_is_down_or_another_is_told_as_such(settings: Settings) -> None:
    with meddling("") as wire:
        settings.YTDLP_SERVICE_URL, settings.YTDLP_SERVICE_TOKEN = wire.url, TOKEN
        wire.spoil("GET", "/health", lambda here: here.answer(200, b'{"status": "ok"}', {}))
        ask_service()
        assert "no download service of this version" in probe()[1]
    ask_service()
    assert probe()[0] == "down"
    assert "did not answer" in probe()[1]


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://fetch.example.com", True),
        ("https://fetch.example.com:8443/behind/", True),
        ("http://127.0.0.1:8090", True),
        ("http://[fd00::1]:8090", True),
        ("http://10.1.2.3:8090", True),
        ("http://fetcher:8090", True),
        ("http://fetcher.internal:8090", True),
        ("http://fetch.example.com", False),
        ("http://93.184.216.34:8090", False),
        ("https://user:password@fetch.example.com", False),
        ("https://fetch.example.com/?a=b", False),
        ("https://fetch.example.com:port", False),
        ("ftp://10.1.2.3", False),
        ("fetcher:8090", False),
    ],
)
def test_the_token_travels_openly_in_private_networks_only(
    monkeypatch: pytest.MonkeyPatch, address: str, good: bool
) -> None:
    monkeypatch.setenv("YTDLP_SERVICE_URL", address)
    if good:
        assert service_address("YTDLP_SERVICE_URL") == address.rstrip("/")
        return
    with pytest.raises(Exception, match="YTDLP_SERVICE_URL must"):
        service_address("YTDLP_SERVICE_URL")
