"""An instance with nonsense in its environment does not start, and says which name it is."""

import json
import runpy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from kapture.settings import base, env

PRODUCTION = Path(base.__file__).with_name("production.py")
KEY = "k" * 60


def production() -> dict[str, Any]:
    return runpy.run_path(str(PRODUCTION))


@pytest.mark.parametrize("key", ["", "short", "example" + KEY])
def test_production_wants_a_secret_of_its_own(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("SECRET_KEY", key)
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        production()


def test_production_wants_a_secure_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", KEY)
    monkeypatch.setattr(base, "SITE_URL", "http://kapture.example")
    with pytest.raises(ImproperlyConfigured, match="SITE_URL"):
        production()


def test_production_wants_a_mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", KEY)
    monkeypatch.setattr(base, "SITE_URL", "https://kapture.example")
    monkeypatch.setenv("EMAIL_URL", "")
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        production()


def test_production_is_strict_and_believes_a_proxy_only_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", KEY)
    monkeypatch.setattr(base, "SITE_URL", "https://kapture.example")
    monkeypatch.setenv("EMAIL_URL", "smtp://mail.example")
    found = production()
    assert (found["DEBUG"], found["SECURE_SSL_REDIRECT"], found["SESSION_COOKIE_SECURE"]) == (False, True, True)
    assert found["SECURE_PROXY_SSL_HEADER"] is None
    monkeypatch.setenv("TRUSTED_PROXIES", "1")
    assert production()["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize("url", ["", "sqlite:///x.db", "mysql://u@h/d"])
def test_only_a_postgres_address_is_a_database(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        env.database()


def test_a_database_address_is_read_with_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://me:secret@db.example:6432/kap?sslmode=require")
    monkeypatch.setenv("DB_STATEMENT_TIMEOUT_MS", "1500")
    found = env.database()
    assert (found["HOST"], found["PORT"], found["NAME"], found["USER"]) == ("db.example", "6432", "kap", "me")
    assert found["OPTIONS"]["sslmode"] == "require"
    assert "statement_timeout=1500 -c lock_timeout=1500" in found["OPTIONS"]["options"]


@pytest.mark.parametrize("price", ["0.25", "a/b", "1/2/3"])
def test_a_price_that_is_none_stops_the_start(price: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="OPENAI_PRICE"):
        env.price_list("model", price)


def test_a_price_is_exact_and_none_is_unknown() -> None:
    assert env.price_list("model", "0.25/2.00") == {"model": (Decimal("0.25"), Decimal("2.00"))}
    assert env.price_list("model", "") == {}


def test_commands_find_the_instance_that_runs_unless_told_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KAPTURE_HOME", str(tmp_path))
    monkeypatch.setenv("REDIS_URL", "redis://mine/0")
    (tmp_path / "instance.json").write_text(
        json.dumps({"DATABASE_URL": "postgres:///running", "REDIS_URL": "redis://running/0"})
    )
    monkeypatch.setenv("DATABASE_URL", "postgres:///named")
    env.join_running_instance()
    assert env.env.str("DATABASE_URL") == "postgres:///named"
    monkeypatch.setenv("DATABASE_URL", "")
    env.join_running_instance()
    assert env.env.str("DATABASE_URL") == "postgres:///running"
    assert env.env.str("REDIS_URL") == "redis://mine/0"
