"""A session token is believed when our instance signed it just now for us, and for no other reason."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from kapture.core.errors import Unavailable
from kapture.gateways.identity import BadToken, verify
from kapture.gateways.identity.tokens import keys_at
from kapture.sandbox.clerk.keys import Keychain
from tests.gateways.identity.instance import SITE, Clerk
from tests.thorough import some

OTHERS = Keychain()


@pytest.mark.parametrize("cookie", [True, False])
def test_a_right_token_says_who_it_is(clerk: Clerk, cookie: bool) -> None:
    minted = clerk.mint(user="mira.okafor@example.com", claims={"email": "mira.okafor@example.com"})
    identity = verify(minted["token"], cookie=cookie)
    assert identity.subject == minted["session"]["user_id"]
    assert identity.session_id == minted["session"]["id"]
    assert identity.email == "mira.okafor@example.com"
    assert identity.expires_at.timestamp() == minted["claims"]["exp"]


def test_a_program_may_send_a_token_that_names_no_site(clerk: Clerk) -> None:
    token = clerk.token(azp="")
    assert verify(token, cookie=False).email is None
    with pytest.raises(BadToken):
        verify(token, cookie=True)


def now(seconds: float = 0) -> int:
    return int(time.time() + seconds)


def without(name: str) -> Callable[[Clerk], str]:
    return lambda clerk: clerk.token(claims={name: None})


def with_claims(**claims: Any) -> Callable[[Clerk], str]:
    return lambda clerk: clerk.token(claims=claims)


def with_header(key: str = "current", **header: Any) -> Callable[[Clerk], str]:
    return lambda clerk: clerk.token(header=header, key=key)


def changed(clerk: Clerk, edit: Callable[[dict[str, Any]], None]) -> str:
    """A right token whose claims were edited after it was signed."""
    head, body, signature = clerk.token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    edit(claims)
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{head}.{forged}.{signature}"


def by_others(clerk: Clerk) -> str:
    """A token of another instance, with our issuer and the name of our key."""
    key_id = clerk.get("/_sandbox/keys")["keys"][0]["kid"]
    return OTHERS.token(clerk.mint()["claims"], {"kid": key_id})


def deep(clerk: Clerk) -> str:
    """A head nested deeper than any parser likes."""
    head = base64.urlsafe_b64encode(b'{"alg":"RS256","kid":' + b"[" * 3000 + b"]" * 3000 + b"}").decode()
    return f"{head}.e30.AAAA"


ATTACKS: dict[str, Callable[[Clerk], str]] = {
    "no signature": with_header(alg="none"),
    "no signature, in capitals": with_header(alg="NONE"),
    "no algorithm": with_header(alg=None),
    "the public key as a secret": with_header("public", alg="HS256"),
    "the public key as a longer secret": with_header("public", alg="HS512"),
    "another RSA algorithm": with_header(alg="RS512"),
    "an algorithm that is a list": with_header(alg=["RS256"]),
    "another issuer": with_claims(iss="https://clerk.evil.example"),
    "an issuer that is a list": lambda clerk: clerk.token(claims={"iss": [clerk.url]}),
    "our issuer with a slash": lambda clerk: clerk.token(claims={"iss": f"{clerk.url}/"}),
    "no issuer": without("iss"),
    "another site": lambda clerk: clerk.token(azp="https://evil.example"),
    "a site that begins like ours": lambda clerk: clerk.token(azp=f"{SITE}.evil.example"),
    "a list of sites with ours": with_claims(azp=[SITE]),
    "an empty site": with_claims(azp=""),
    "expired": lambda clerk: clerk.token(claims={"exp": now(-6)}),
    "expired long ago": with_claims(exp=1),
    "no expiry": without("exp"),
    "an expiry that is no number": with_claims(exp="soon"),
    "an endless expiry": with_claims(exp=1e400),
    "an expiry beyond the calendar": with_claims(exp=10**15),
    "not yet": lambda clerk: clerk.token(claims={"nbf": now(60)}),
    "no beginning": without("nbf"),
    "made in the future": lambda clerk: clerk.token(claims={"iat": now(60)}),
    "no birth": without("iat"),
    "no session": without("sid"),
    "an empty session": with_claims(sid=""),
    "a session that is a path": with_claims(sid="../users"),
    "a session that is a list": with_claims(sid=["sess_1"]),
    "no user": without("sub"),
    "a user that is a path": with_claims(sub="../sessions/sess_1"),
    "a user that is a number": with_claims(sub=7),
    "half signed in": with_claims(sts="pending"),
    "an unknown key": with_header(kid="ins_unknown"),
    "a key that is a path": with_header(kid="../../etc/passwd"),
    "a key that is a query": with_header(kid="x' UNION SELECT 'secret"),
    "a key that is an address": with_header(kid="http://127.0.0.1:9/jwks.json", jku="http://127.0.0.1:9/jwks.json"),
    "a key that is a number": with_header(kid=1),
    "a key with a long name": with_header(kid="k" * 201),
    "no key": with_header(kid=None),
    "critical words that nobody knows": with_header(crit=["exp"]),
    "a key nobody published": with_header("foreign"),
    "a key nobody published, under our name": lambda clerk: clerk.token(
        header={"kid": clerk.get("/_sandbox/keys")["keys"][0]["kid"]}, key="foreign"
    ),
    "another instance": by_others,
    "another user after signing": lambda clerk: changed(clerk, lambda claims: claims.update(sub="user_victim")),
    "a longer life after signing": lambda clerk: changed(clerk, lambda claims: claims.update(exp=now(3600))),
    "cut": lambda clerk: clerk.token()[:-20],
    "without its signature": lambda clerk: clerk.token().rpartition(".")[0],
    "with an empty signature": lambda clerk: clerk.token().rpartition(".")[0] + ".",
    "longer": lambda clerk: clerk.token() + "AAAA",
    "twice": lambda clerk: f"{clerk.token()}.{clerk.token()}",
    "huge": with_claims(pad="a" * 9000),
    "deep": deep,
    "nothing": lambda clerk: "",
    "words": lambda clerk: "not a token at all",
    "dots": lambda clerk: "..",
    "other letters": lambda clerk: clerk.token() + "é",
    "a key of ours": lambda clerk: "kap_" + "a" * 43,
}


@pytest.mark.parametrize("cookie", [True, False])
@pytest.mark.parametrize("attack", some(list(ATTACKS.values())), ids=some(list(ATTACKS)))
def test_no_forged_token_is_believed(clerk: Clerk, attack: Callable[[Clerk], str], cookie: bool) -> None:
    with pytest.raises(BadToken):
        verify(attack(clerk), cookie=cookie)


@pytest.mark.parametrize(
    "attack",
    some(
        [
            name
            for name in ATTACKS
            if name not in {"a key that is a number", "no key", "a key with a long name", "deep"}
            and not name.startswith(("an unknown key", "a key that is"))
        ]
    ),
)
def test_no_forged_token_is_believed_by_the_key_that_is_set(clerk: Clerk, settings: Settings, attack: str) -> None:
    settings.CLERK_JWT_KEY = clerk.get("/_sandbox/keys")["pem"]
    settings.CLERK_JWKS_URL = "http://127.0.0.1:9/jwks.json"
    assert verify(clerk.token(), cookie=True).subject
    with pytest.raises(BadToken):
        verify(ATTACKS[attack](clerk), cookie=False)


def test_clocks_may_differ_by_seconds(clerk: Clerk) -> None:
    assert verify(clerk.token(claims={"exp": now(-2)}), cookie=True)
    assert verify(clerk.token(claims={"nbf": now(2), "iat": now(2)}), cookie=True)


def fetches(clerk: Clerk) -> int:
    return len(clerk.requests("GET /.well-known/jwks.json"))


def test_keys_are_fetched_once_and_again_after_a_rotation_but_not_for_each_forgery(clerk: Clerk) -> None:
    before = clerk.token()
    for _ in range(5):
        verify(clerk.token(), cookie=True)
    assert fetches(clerk) == 1
    clerk.post("/_sandbox/rotate")
    for _ in range(5):
        with pytest.raises(BadToken):
            verify(clerk.token(), cookie=True)
    assert fetches(clerk) == 1, "a name nobody knows does not fetch the keys again at once"
    assert verify(before, cookie=True)
    known = keys_at(f"{clerk.url}/.well-known/jwks.json")
    assert known.cooldown_duration == 30
    known.cooldown_duration = 0
    assert verify(clerk.token(), cookie=True)
    assert verify(before, cookie=True), "the previous key is still published"
    assert fetches(clerk) == 2


def test_while_the_keys_cannot_be_had_nobody_is_let_in_or_called_a_forger(clerk: Clerk) -> None:
    clerk.fault("status", "/.well-known/jwks.json", status=503, times=100)
    with pytest.raises(Unavailable) as caught:
        verify(clerk.token(), cookie=True)
    assert caught.value.retry_after
    assert fetches(clerk) == 3
    clerk.clear_faults()
    assert verify(clerk.token(), cookie=True)
    clerk.fault("status", "/.well-known/jwks.json", status=503, times=100)
    assert verify(clerk.token(), cookie=True), "known keys outlive an outage"


@pytest.mark.parametrize(
    "fault",
    [
        {"mode": "html"},
        {"mode": "empty"},
        {"mode": "schema"},
        {"mode": "truncate"},
        {"mode": "huge", "size": 2 << 20},
        {"mode": "body", "body": {"keys": []}},
        {"mode": "body", "body": [1]},
        {"mode": "body", "status": 302, "body": {}},
        {"mode": "status", "status": 404},
        {"mode": "drop"},
    ],
    ids=str,
)
def test_a_key_set_that_is_none_is_an_outage(clerk: Clerk, fault: dict[str, Any]) -> None:
    clerk.fault(route="/.well-known/jwks.json", times=100, **fault)
    with pytest.raises(Unavailable):
        verify(clerk.token(), cookie=False)


def test_a_published_secret_signs_nothing(clerk: Clerk) -> None:
    secret = {"kty": "oct", "k": "AAAA", "kid": "x", "alg": "HS256"}
    clerk.fault("body", "/.well-known/jwks.json", body={"keys": [secret]}, times=100)
    for header in ({"kid": "x"}, {"kid": "x", "alg": "HS256"}):
        with pytest.raises(BadToken):
            verify(clerk.token(header=header, key="public"), cookie=False)


def test_after_some_outages_it_rests(clerk: Clerk) -> None:
    clerk.fault("status", "/.well-known/jwks.json", status=500, times=100)
    for _ in range(5):
        with pytest.raises(Unavailable):
            verify(clerk.token(), cookie=True)
    asked = fetches(clerk)
    with pytest.raises(Unavailable):
        verify(clerk.token(), cookie=True)
    assert fetches(clerk) == asked


def test_without_keys_of_ours_clerk_is_off(clerk: Clerk, settings: Settings) -> None:
    token = clerk.token()
    settings.CLERK_SECRET_KEY = ""
    with pytest.raises(Unavailable, match="CLERK_SECRET_KEY"):
        verify(token, cookie=True)
