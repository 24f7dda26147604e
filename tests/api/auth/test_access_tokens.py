"""What a token can lie about: each lie is refused, and a key is changed without anybody being signed out."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from api.auth import keys as keys_module
from api.auth.access_tokens import AUDIENCE, ISSUER, LIFE, TYPE, AccessTokens
from api.auth.endpoints import COOKIE
from api.auth.keys import EVERY, GOOD_AFTER, TOLD_BEFORE, SigningKeys
from api.http.refusals import Unauthenticated
from infra.clock import SYSTEM_CLOCK
from infra.errors import Unavailable
from infra.keyring import add_key, ensure_keys
from tests.fixtures.identity import Door

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
Forge = Callable[[SigningKeys, dict[str, Any]], str]


class _Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        """Return the time that was set."""
        return self.at

    def monotonic(self) -> float:
        """Return the same as seconds."""
        return self.at.timestamp()


@pytest.fixture
def clock() -> _Clock:
    """Noon of a day."""
    return _Clock()


@pytest.fixture(scope="module")
def module_home(identity_home: Path) -> Path:
    """The home with a key in it."""
    return identity_home


@pytest.fixture
def signing(module_home: Path, clock: _Clock) -> SigningKeys:
    """The home's keys, on the test's clock; the key was made later than it says, which changes nothing."""
    return SigningKeys(module_home / "identity", ensure_keys(module_home / "identity.keys"), clock)


def honest(now: datetime = NOW, user: str = "user_1", session: str = "session_1") -> dict[str, Any]:
    """Return what a token that lies about nothing says."""
    at = int(now.timestamp())
    return {"iss": ISSUER, "aud": AUDIENCE, "sub": user, "sid": session, "jti": "at_1", "iat": at, "nbf": at, "exp": at + 600}


def _forged(other_claims: dict[str, Any] | None = None, *, private: Any = None, moved: dict[str, int] | None = None, **header: Any) -> Forge:
    """Forge with claims of its own (None: without it), with times that are `moved` by seconds, with another key or header."""

    def forge(keys: SigningKeys, claims: dict[str, Any]) -> str:
        key, shifted = keys.signing(), {name: claims[name] + by for name, by in (moved or {}).items()}
        told = {name: value for name, value in (claims | shifted | (other_claims or {})).items() if value is not None}
        return jwt.encode(told, private or key.private, algorithm="RS256", headers={"kid": key.kid, "typ": TYPE} | header)

    return forge


def _raw(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in (header, claims)]
    body = b".".join(parts)
    return (body + b"." + base64.urlsafe_b64encode(sign(body)).rstrip(b"=")).decode()


def _none(keys: SigningKeys, claims: dict[str, Any]) -> str:
    return _raw({"alg": "none", "typ": TYPE, "kid": keys.signing().kid}, claims, lambda _: b"")


def _hs256_with_the_public_key(keys: SigningKeys, claims: dict[str, Any]) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = keys.signing().public.public_bytes(serialization.Encoding.PEM, form)
    header = {"alg": "HS256", "typ": TYPE, "kid": keys.signing().kid}
    return _raw(header, claims, lambda body: hmac.digest(pem, body, hashlib.sha256))


def _kid_that_is_no_text(keys: SigningKeys, claims: dict[str, Any]) -> str:
    return _raw({"alg": "RS256", "typ": TYPE, "kid": ["a"]}, claims, lambda _: keys.signing().kid.encode())


def _altered(keys: SigningKeys, claims: dict[str, Any]) -> str:
    head, _, tail = _forged({"sub": "user_2"})(keys, claims).split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{tail}"


ATTACKS: dict[str, Forge] = {
    "none": _none,
    "HS256 with the public key": _hs256_with_the_public_key,
    "altered": _altered,
    "unknown kid": _forged(kid="0" * 16),
    "kid with a path": _forged(kid="../../../../dev/null"),
    "kid with a path to a key": _forged(kid="../identity/x"),
    "kid that is no text": _kid_that_is_no_text,
    "own key in the header": _forged(private=generate_private_key(65537, 2048), jwk={"kty": "RSA"}, jku="https://evil.example/jwks"),
    "wrong audience": _forged({"aud": "another"}),
    "wrong issuer": _forged({"iss": "another"}),
    "no audience": _forged({"aud": None}),
    "no session": _forged({"sid": None}),
    "no end": _forged({"exp": None}),
    "expired": _forged(moved={"exp": -620, "nbf": -620}),
    "not yet valid": _forged(moved={"nbf": 60}),
    "good for ever": _forged(moved={"exp": 10**9}),
    "an end that is no number": _forged({"exp": "tomorrow"}),
    "an end beyond all time": _forged({"exp": 10**30}),
    "of another type": _forged(typ="JWT"),
    "refresh as access": lambda _keys, claims: f"{claims['sid']}.0." + "A" * 43,
    "huge": _forged({"jti": "j" * 5000}),
    "no token": lambda _keys, _claims: "...",
    "not even ASCII": lambda _keys, _claims: "é.é.é",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_token_that_lies_is_refused(signing: SigningKeys, clock: _Clock, attack: str) -> None:
    token = ATTACKS[attack](signing, honest())
    with pytest.raises(Unauthenticated, match="access token"):
        AccessTokens(signing, clock).read(token)


async def test_the_service_refuses_each_lie_about_a_session_that_is_good(door: Door) -> None:
    """Over HTTP, with everything else of the token true: only the lie can be what it is refused for."""
    ada = await door.sign_in("ada@example.org")
    good = (await ada.get("/v1/me/sessions")).json()["items"][0]["id"]
    told = honest(SYSTEM_CLOCK.now(), (await ada.get("/v1/me")).json()["user"]["id"], good)
    keys = door.identity.keys

    async def status(token: str) -> tuple[int, str]:
        answer = await ada.get("/v1/me", headers={b"authorization": b"Bearer " + token.encode()})
        return answer.status_code, answer.json().get("code", "")

    assert await status(_forged()(keys, told)) == (200, "")
    refresh = ada.cookies[COOKIE]
    lies = {name: forge(keys, told) for name, forge in ATTACKS.items()} | {"a refresh token that is good": refresh}
    assert {name: found for name, token in lies.items() if (found := await status(token)) != (401, "unauthenticated")} == {}
    ada.cookies.clear()
    as_cookie = await ada.post("/v1/auth/refresh", headers={"cookie": f"{COOKIE}={_forged()(keys, told)}"})
    assert (as_cookie.status_code, as_cookie.json()["code"]) == (401, "unauthenticated")
    assert await status(_forged()(keys, told)) == (200, "")


def test_an_honest_token_says_whose_it_is_until_it_ends(signing: SigningKeys, clock: _Clock) -> None:
    tokens = AccessTokens(signing, clock)
    token = tokens.issue("user_1", "session_1")
    assert (tokens.read(token).user_id, tokens.read(token).session_id, tokens.read(token).expires_at) == ("user_1", "session_1", NOW + LIFE)
    clock.at += LIFE + timedelta(seconds=11)
    with pytest.raises(Unauthenticated, match="expired"):
        tokens.read(token)


def test_a_key_is_changed_without_signing_anybody_out(tmp_path: Path, clock: _Clock) -> None:
    mine = SigningKeys(tmp_path / "identity", ensure_keys(tmp_path / "k"), clock)
    theirs = SigningKeys(tmp_path / "identity", ensure_keys(tmp_path / "k"), clock)
    first = mine.signing().kid
    token = AccessTokens(mine, clock).issue("user_1", "session_1")
    second = mine.rotate()
    assert mine.signing().kid == first
    assert [key["kid"] for key in theirs.jwks()["keys"]] == [first, second]
    assert all(set(key) == {"kty", "use", "alg", "kid", "n", "e"} for key in theirs.jwks()["keys"])
    clock.at += TOLD_BEFORE
    assert {mine.signing().kid, theirs.signing().kid} == {second}
    clock.at += GOOD_AFTER
    assert theirs.find(first) is None
    assert [key["kid"] for key in mine.jwks()["keys"]] == [second]
    with pytest.raises(Unauthenticated):
        AccessTokens(mine, clock).read(token)
    third = mine.rotate()
    assert {path.stem for path in (tmp_path / "identity").iterdir()} == {second, third}
    clock.at += EVERY + TOLD_BEFORE + timedelta(seconds=1)
    fourth = ({key["kid"] for key in mine.jwks()["keys"]} - {second, third}).pop()
    assert mine.signing().kid == third
    clock.at += TOLD_BEFORE
    assert mine.signing().kid == fourth


def test_keys_on_disk_are_sealed_and_only_the_owner_can_read_them(tmp_path: Path, clock: _Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "BITS", 1024)
    SigningKeys(tmp_path / "identity", ensure_keys(tmp_path / "k"), clock).signing()
    (file,) = (tmp_path / "identity").iterdir()
    assert "PRIVATE" not in file.read_text()
    assert (file.stat().st_mode & 0o777, (tmp_path / "identity").stat().st_mode & 0o777) == (0o600, 0o700)
    assert SigningKeys(tmp_path / "identity", add_key(tmp_path / "k"), clock).signing().kid == file.stem
    with pytest.raises(Unavailable, match="everybody signs in anew"):
        SigningKeys(tmp_path / "identity", ensure_keys(tmp_path / "other"), clock).signing()
