"""Keys of Clerk that are nonsense stop the start and are named."""

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.exceptions import ImproperlyConfigured

from kapture.settings.clerk import clerk_frontend, clerk_key, clerk_portal, clerk_webhook_secret


def publishable(host: str, kind: str = "test") -> str:
    return f"pk_{kind}_" + base64.b64encode(f"{host}$".encode()).decode()


@pytest.mark.parametrize(
    ("host", "origin", "portal"),
    [
        ("happy.lamb-12.clerk.accounts.dev", "https://happy.lamb-12.clerk.accounts.dev",
         "https://happy.lamb-12.accounts.dev"),
        ("clerk.example.com", "https://clerk.example.com", "https://accounts.example.com"),
        ("clerk.accounts.example.com", "https://clerk.accounts.example.com", "https://accounts.example.com"),
        ("127.0.0.1:4567", "http://127.0.0.1:4567", "http://127.0.0.1:4567"),
    ],
)  # fmt: skip
def test_the_publishable_key_names_the_instance(host: str, origin: str, portal: str) -> None:
    key = publishable(host)
    assert clerk_frontend(key, local=True) == origin
    assert clerk_frontend(key.rstrip("="), local=True) == origin
    assert clerk_portal(origin) == portal


@pytest.mark.parametrize(
    "key", ["", "pk_test_", "pk_test_!!", "sk_test_YWJj", publishable("a b"), publishable("a/b"), "pk_test_/////w=="]
)
def test_a_publishable_key_that_is_none_stops_the_start(key: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CLERK_PUBLISHABLE_KEY"):
        clerk_frontend(key, local=True)


def test_an_instance_that_faces_the_internet_believes_no_stand_in() -> None:
    with pytest.raises(ImproperlyConfigured, match="CLERK_PUBLISHABLE_KEY"):
        clerk_frontend(publishable("127.0.0.1:4567"), local=False)


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(encoding, form).decode()


def test_a_key_with_escaped_line_ends_is_read() -> None:
    text = pem(rsa.generate_private_key(65537, 2048))
    assert clerk_key(text.replace("\n", "\\n")) == text.strip()
    assert clerk_key("") == ""


@pytest.mark.parametrize("text", ["nonsense", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"])
def test_a_key_that_is_none_stops_the_start(text: str) -> None:
    for wrong in (text, pem(ec.generate_private_key(ec.SECP256R1()))):
        with pytest.raises(ImproperlyConfigured, match="CLERK_JWT_KEY"):
            clerk_key(wrong)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_!!!", "abc", "whsec_QUJD"])
def test_a_webhook_secret_that_is_none_stops_the_start(secret: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CLERK_WEBHOOK_SECRET"):
        clerk_webhook_secret(secret)


def test_a_webhook_secret_may_be_missing() -> None:
    assert clerk_webhook_secret("") == ""
    assert clerk_webhook_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
