"""Typed readers of the environment; a value that cannot be read stops the start with its name."""

import base64
import hashlib
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from psycopg.conninfo import conninfo_to_dict

BASE_DIR = Path(__file__).resolve().parents[2]


class Environment(environ.Env):  # type: ignore[misc]
    """Reads the environment; a name that is set to nothing counts as not set."""

    def get_value(
        self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: bool = False
    ) -> Any:
        """The value of a name, cast; its default when it is missing or empty."""
        if default is not self.NOTSET and not self.ENVIRON.get(var):
            return default
        return super().get_value(var, cast, default, parse_default)


env = Environment()
environ.Env.read_env(str(BASE_DIR / ".env"))


def home() -> Path:
    """Folder of everything an instance writes (`KAPTURE_HOME`), created when missing."""
    path = Path(env.str("KAPTURE_HOME", default=str(BASE_DIR / ".kapture"))).expanduser().resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


def own_secret_key() -> str:
    """One machine's own key, kept in its home: the local start needs no configuration, production refuses this."""
    file = home() / "secret-key"
    if not file.exists():
        file.write_text(get_random_secret_key())
        file.chmod(0o600)
    return base64.b85encode(hashlib.sha256(file.read_bytes()).digest() * 2).decode()


def secret(name: str, *, shortest: int) -> str:
    """A text nobody should guess, empty when it is not set."""
    value: str = env.str(name, default="")
    if value and len(value) < shortest:
        raise ImproperlyConfigured(f"{name} must have {shortest} characters or more.")
    return value


def price_list(model: str, price: str) -> dict[str, tuple[Decimal, Decimal]]:
    """Model -> US dollars a million tokens in and out, from text such as `0.25/2.00`; empty when none is given."""
    if not price:
        return {}
    try:
        into, out = (Decimal(part) for part in price.split("/"))
    except (ValueError, ArithmeticError) as error:
        raise ImproperlyConfigured("OPENAI_PRICE must be two numbers, such as 0.25/2.00.") from error
    return {model: (into, out)}


def running_instance() -> Path:
    """File in which a local instance keeps its addresses while it runs, so that `manage.py` commands reach it."""
    return home() / "instance.json"


def join_running_instance() -> None:
    """Take over the addresses of the local instance, where the environment names none."""
    file = running_instance()
    if file.exists() and not os.environ.get("DATABASE_URL"):
        for key, value in json.loads(file.read_text()).items():
            if not os.environ.get(key):
                os.environ[key] = value


def database(name: str = "DATABASE_URL") -> dict[str, Any]:
    """Django settings of the PostgreSQL named by a `postgres://` address (socket folders as `?host=`)."""
    url = env.str(name, default="")
    if not url:
        raise ImproperlyConfigured(
            f"{name} is not set. `make run` and `make test` start an embedded PostgreSQL and set it; "
            "elsewhere give the address of a PostgreSQL 15 or newer."
        )
    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured(f"{name} must be a postgres:// address; Kapture runs on PostgreSQL only.")
    parts = conninfo_to_dict(url)
    statement_ms = env.int("DB_STATEMENT_TIMEOUT_MS", default=5_000)
    # A request must never wait on the database without end (reliability rule D21).
    limits = (
        f"-c statement_timeout={statement_ms} -c lock_timeout={min(statement_ms, 2_000)}"
        " -c idle_in_transaction_session_timeout=15000"
    )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 3, "options": limits if statement_ms else "", **parts},
    }
