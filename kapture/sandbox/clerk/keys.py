"""The instance's keys: two that are published, of which one signs, and one that nobody knows."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

BITS = 2048
CURRENT, PREVIOUS, FOREIGN, PUBLIC = "current", "previous", "foreign", "public"


def publishable_key(url: str) -> str:
    """The key that names an instance by its host, as Clerk writes it."""
    return "pk_test_" + base64.b64encode(f"{urlsplit(url).netloc}$".encode()).decode()


class Keychain:
    """RSA keys by their place; `rotate` makes a new current one and keeps the last as the previous."""

    def __init__(self, stored: Mapping[str, str] | None = None) -> None:
        self._keys = {place: _load(text) for place, text in (stored or {}).items()}
        for place in (CURRENT, PREVIOUS, FOREIGN):
            self._keys.setdefault(place, _new())

    def rotate(self) -> None:
        """Sign with a new key; tokens of the last one are still good."""
        self._keys[PREVIOUS], self._keys[CURRENT] = self._keys[CURRENT], _new()

    def stored(self) -> dict[str, str]:
        """The keys as text, to be kept in a file."""
        return {place: _private_pem(key) for place, key in self._keys.items()}

    def key_id(self, place: str) -> str:
        """The name under which a key is published (the foreign one is not)."""
        return "ins_" + hashlib.sha256(self.pem(place).encode()).hexdigest()[:24]

    def pem(self, place: str = CURRENT) -> str:
        """A public key as text."""
        encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return self._keys[place].public_key().public_bytes(encoding, form).decode()

    def published(self) -> dict[str, Any]:
        """The key set of the instance."""
        return {"keys": [self._jwk(CURRENT), self._jwk(PREVIOUS)]}

    def token(self, claims: Mapping[str, Any], header: Mapping[str, Any], place: str = CURRENT) -> str:
        """A token signed with the key of a place, in the way its header says: also in ways nobody should believe."""
        head = {"alg": "RS256", "typ": "JWT", "kid": self.key_id(CURRENT if place == PUBLIC else place), **header}
        head = {name: value for name, value in head.items() if value is not None}
        signed = f"{_text(head)}.{_text(claims)}"
        return f"{signed}.{_encoded(self._signature(signed.encode(), str(head.get('alg', '')), place))}"

    def _signature(self, signed: bytes, algorithm: str, place: str) -> bytes:
        if algorithm.lower() == "none":
            return b""
        if algorithm.startswith("HS"):
            # The old trick: a public key taken for a shared secret.
            return hmac.new(self.pem(CURRENT).encode(), signed, f"sha{algorithm[2:]}").digest()
        digest = {"384": hashes.SHA384(), "512": hashes.SHA512()}.get(algorithm[2:], hashes.SHA256())
        return self._keys[CURRENT if place == PUBLIC else place].sign(signed, padding.PKCS1v15(), digest)

    def _jwk(self, place: str) -> dict[str, str]:
        numbers = self._keys[place].public_key().public_numbers()
        n, e = (_encoded(value.to_bytes((value.bit_length() + 7) // 8, "big")) for value in (numbers.n, numbers.e))
        return {"use": "sig", "kty": "RSA", "kid": self.key_id(place), "alg": "RS256", "n": n, "e": e}


def _new() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, BITS)


def _load(text: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(text.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _private_pem(key: rsa.RSAPrivateKey) -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption()).decode()


def _text(value: Mapping[str, Any]) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
