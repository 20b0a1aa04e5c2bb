"""What the instance remembers: users, sessions, events and keys, in a file when there is a home."""

import json
import secrets
import string
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kapture.sandbox.clerk.keys import Keychain

Obj = dict[str, Any]
LETTERS = string.ascii_letters + string.digits
KEPT_EVENTS = 500
REGULARS = (("Mira", "Okafor"), ("Tomas", "Lindqvist"), ("Yuki", "Arai"))


def new_id(prefix: str) -> str:
    """An id as Clerk makes them: a word and 27 letters."""
    return f"{prefix}_{''.join(secrets.choice(LETTERS) for _ in range(27))}"


def now_ms() -> int:
    """The present moment in milliseconds."""
    return time.time_ns() // 1_000_000


class Store:
    """Users and sessions by id, events in their order; `lock` is held by whoever reads or changes more than one."""

    def __init__(self, file: Path | None = None) -> None:
        self.lock = threading.RLock()
        self._file = file
        known = json.loads(file.read_text()) if file is not None and file.exists() else {}
        self.keys = Keychain(known.get("keys"))
        self.users: dict[str, Obj] = known.get("users") or {}
        self.sessions: dict[str, Obj] = known.get("sessions") or {}
        self.events: list[Obj] = known.get("events") or []
        if not known:
            self._seed()
        self.save()

    def clear(self) -> None:
        """Back to the people of the start; keys stay."""
        with self.lock:
            self.users.clear()
            self.sessions.clear()
            self.events.clear()
            self._seed()
            self.save()

    def save(self) -> None:
        """Write the file, the whole of it or nothing."""
        if self._file is None:
            return
        with self.lock:
            del self.events[:-KEPT_EVENTS]
            state = {"keys": self.keys.stored(), "users": self.users, "sessions": self.sessions, "events": self.events}
            part = self._file.with_suffix(".part")
            part.touch(mode=0o600)
            part.write_text(json.dumps(state))
            part.replace(self._file)

    def user_of(self, name: str) -> Obj | None:
        """The user with an id or an address."""
        wanted = name.strip().lower()
        return self.users.get(name) or next((user for user in self.users.values() if wanted in addresses(user)), None)

    def sessions_of(self, user_id: str) -> Iterator[Obj]:
        """The sessions of a user that go on."""
        return (
            session
            for session in list(self.sessions.values())
            if session["user_id"] == user_id and session["status"] == "active"
        )

    def _seed(self) -> None:
        for first, last in REGULARS:
            user = new_user(f"{first}.{last}@example.com".lower(), first, last)
            self.users[user["id"]] = user


def addresses(user: Obj) -> set[str]:
    """The addresses of a user."""
    return {entry["email_address"] for entry in user["email_addresses"]}


def new_user(email: str, first: str = "", last: str = "") -> Obj:
    """A user as the backend API shows them, with an address that is confirmed (or none)."""
    address = {
        "id": new_id("idn"),
        "object": "email_address",
        "email_address": email.strip().lower(),
        "reserved": False,
        "verification": {
            "status": "verified",
            "strategy": "email_code",
            "attempts": 1,
            "expire_at": now_ms() + 600_000,
        },
        "linked_to": [],
    }
    nothing: Obj = dict.fromkeys(
        ("primary_phone_number_id", "primary_web3_wallet_id", "external_id", "last_sign_in_at", "username")
    )
    empty: Obj = {
        name: [] for name in ("phone_numbers", "web3_wallets", "external_accounts", "saml_accounts", "passkeys")
    }
    metadata: Obj = {name: {} for name in ("public_metadata", "private_metadata", "unsafe_metadata")}
    flags = dict.fromkeys(("two_factor_enabled", "totp_enabled", "banned", "locked", "has_image"), False)
    return {
        "id": new_id("user"),
        "object": "user",
        "first_name": first or None,
        "last_name": last or None,
        # Clerk serves a picture for everybody; here there is none, so that pages need no network.
        "image_url": "",
        "primary_email_address_id": address["id"] if email else None,
        "email_addresses": [address] if email else [],
        "password_enabled": True,
        **nothing,
        **empty,
        **metadata,
        **flags,
        "created_at": now_ms(),
        "updated_at": now_ms(),
    }


def new_session(user_id: str, client_id: str, azp: str) -> Obj:
    """A session that has just begun; `_azp` is the site its tokens are made for."""
    now = now_ms()
    week = 7 * 86_400_000
    return {
        "id": new_id("sess"),
        "object": "session",
        "user_id": user_id,
        "client_id": client_id,
        "status": "active",
        "last_active_at": now,
        "expire_at": now + week,
        "abandon_at": now + 4 * week,
        "created_at": now,
        "updated_at": now,
        "_azp": azp,
    }


def shown(obj: Obj) -> Obj:
    """An object without what only the stand-in knows."""
    return {name: value for name, value in obj.items() if not name.startswith("_")}
