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
from api.auth.keys import EVERY, GOOD_AFTER, TOLD_BEFORE, SigningKeys
from api.http.refusals import Unauthenticated
from infra.errors import Unavailable
from infra.keyring import add_key, ensure_keys
from tests.fixtures.identity import Door

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
Forge = Callable[[SigningKeys], str]


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


def _claims(**other: Any) -> dict[str, Any]:
    now = int(NOW.timestamp())
    about = {"iss": ISSUER, "aud": AUDIENCE, "sub": "user_1", "sid": "session_1", "jti": "at_1", "iat": now, "nbf": now, "exp": now + 600}
    return {name: value for name, value in (about | other).items() if value is not None}


def _forged(other_claims: dict[str, Any] | None = None, *, private: Any = None, **header: Any) -> Forge:
    def forge(keys: SigningKeys) -> str:
        key = keys.signing()
        headers = {"kid": key.kid, "typ": TYPE} | header
        return jwt.encode(_claims(**(other_claims or {})), private or key.private, algorithm="RS256", headers=headers)

    return forge


def _raw(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in (header, claims)]
    body = b".".join(parts)
    return (body + b"." + base64.urlsafe_b64encode(sign(body)).rstrip(b"=")).decode()


def _none(keys: SigningKeys) -> str:
    return _raw({"alg": "none", "typ": TYPE, "kid": keys.signing().kid}, _claims(), lambda _: b"")


def _hs256_with_the_public_key(keys: SigningKeys) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = keys.signing().public.public_bytes(serialization.Encoding.PEM, form)
    header = {"alg": "HS256", "typ": TYPE, "kid": keys.signing().kid}
    return _raw(header, _claims(), lambda body: hmac.digest(pem, body, hashlib.sha256))


def _kid_that_is_no_text(keys: SigningKeys) -> str:
    return _raw({"alg": "RS256", "typ": TYPE, "kid": ["a"]}, _claims(), lambda _: keys.signing().kid.encode())


def _altered(keys: SigningKeys) -> str:
    head, _, tail = AccessTokens(keys).issue("user_1", "session_1").split(".")
    body = base64.urlsafe_b64encode(json.dumps(_claims(sub="user_2")).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{tail}"


_SECONDS = int(NOW.timestamp())
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
    "expired": _forged({"exp": _SECONDS - 11, "nbf": _SECONDS - 600}),
    "not yet valid": _forged({"nbf": _SECONDS + 11}),
    "good for ever": _forged({"exp": _SECONDS + 10**9}),
    "an end that is no number": _forged({"exp": "tomorrow"}),
    "an end beyond all time": _forged({"exp": 10**30}),
    "of another type": _forged(typ="JWT"),
    "refresh as access": lambda _: "session_" + "0" * 32 + ".0." + "A" * 43,
    "huge": lambda keys: AccessTokens(keys).issue("u" * 5000, "session_1"),
    "no token": lambda _: "...",
    "not even ASCII": lambda _: "é.é.é",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_token_that_lies_is_refused(signing: SigningKeys, clock: _Clock, attack: str) -> None:
    token = ATTACKS[attack](signing)
    with pytest.raises(Unauthenticated, match="access token"):
        AccessTokens(signing, clock).read(token)


@pytest.mark.parametrize("attack", ["none", "HS256 with the public key", "expired", "kid with a path", "huge", "refresh as access"])
async def test_the_service_answers_such_a_token_with_401(door: Door, attack: str) -> None:
    async with door.client() as client:
        token = ATTACKS[attack](door.identity.keys)
        answer = await client.get("/v1/me", headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


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
