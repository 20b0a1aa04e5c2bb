"""Who asks which platform."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from kapture.core.choices import Platform
from kapture.core.errors import Unavailable
from kapture.gateways.scraping import PROVIDERS, choice, choices, require_on
from kapture.gateways.scraping.switch import KEY_FREE, is_asked
from kapture.settings.providers import ABLE, OFF, address, providers


def asked() -> dict[str, str]:
    return {one.platform.value: one.provider.name if one.provider else OFF for one in choices()}


def test_with_a_token_apify_asks_everywhere(settings: Settings) -> None:
    settings.APIFY_API_TOKEN = "apify_api_test"
    assert set(asked().values()) == {"apify"}
    assert (is_asked("apify"), is_asked("reddit")) == (True, False)


def test_without_one_the_ways_without_a_key_do_and_the_rest_says_what_to_set(settings: Settings) -> None:
    settings.APIFY_API_TOKEN = ""
    assert asked() == {"youtube": "ytdlp", "tiktok": OFF, "reddit": "reddit", "x": OFF}
    with pytest.raises(Unavailable, match="TikTok is switched off: set APIFY_API_TOKEN"):
        require_on(Platform.TIKTOK)
    assert require_on(Platform.REDDIT).label == "Reddit’s public listing"


def test_a_setting_chooses_for_single_platforms(settings: Settings) -> None:
    settings.APIFY_API_TOKEN = "apify_api_test"
    settings.SCRAPING_PROVIDERS = providers("youtube=ytdlp, x=off", has_token=True)
    assert asked() == {"youtube": "ytdlp", "tiktok": "apify", "reddit": "apify", "x": OFF}
    assert choice(Platform.X).why == "X is switched off here (SCRAPING_PROVIDERS)."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("vimeo=ytdlp", "names no platform"),
        ("youtube", "youtube is one of apify, ytdlp, off"),
        ("tiktok=ytdlp", "tiktok is one of apify, off"),
        ("youtube=ytdlp,youtube=off", "names youtube twice"),
        ("x=apify", "needs APIFY_API_TOKEN"),
    ],
)
def test_nonsense_stops_the_start(text: str, told: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=told):
        providers(text, has_token=False)


def test_the_settings_know_the_providers_that_there_are() -> None:
    able = {one.value: {p.name for p in PROVIDERS.values() if one in p.platforms} | {OFF} for one in Platform}
    assert able == {platform: set(names) for platform, names in ABLE.items()}
    assert all(platform in PROVIDERS[name].platforms for platform, name in KEY_FREE.items())


@pytest.mark.parametrize("given", ["reddit.com", "ftp://reddit.com", "https://reddit.com/r/all", "https://"])
def test_an_address_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("REDDIT_API_URL", given)
    with pytest.raises(ImproperlyConfigured, match="REDDIT_API_URL"):
        address("REDDIT_API_URL", default="")
    monkeypatch.setenv("REDDIT_API_URL", "https://reddit.example:8443/")
    assert address("REDDIT_API_URL", default="") == "https://reddit.example:8443"
