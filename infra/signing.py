"""Signatures of webhooks: HMAC-SHA256 over the time and the body, several secrets while one is being replaced, and a window of minutes."""

import hashlib
import hmac
from collections.abc import Sequence

from infra.errors import Forbidden, Invalid

SIGNATURE, TIMESTAMP = "x-ytempire-signature", "x-ytempire-timestamp"
WINDOW_S = 300
_LEAST = 32
_SCHEME = "v1="


class SignatureWrong(Forbidden):
    """The signature is not that of the body and the time, or the time is not now."""

    code = "signature_wrong"


def secrets_in(listed: str) -> tuple[str, ...]:
    """Return the secrets of a list with commas, the newest first; raises Invalid for one that could be guessed."""
    found = tuple(one.strip() for one in listed.split(",") if one.strip())
    if any(len(one) < _LEAST for one in found):
        raise Invalid(f"YTEMPIRE_WEBHOOK_SECRETS: one has fewer than {_LEAST} characters; make one with: openssl rand -hex 32")
    return found


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a body sent at a time (seconds since 1970)."""
    return _SCHEME + hmac.new(secret.encode(), b"%d.%s" % (timestamp, body), hashlib.sha256).hexdigest()


def verify(secrets: Sequence[str], headers: tuple[str | None, str | None], body: bytes, now_s: float) -> str:
    """Check the headers (signature, timestamp) of a body and return the signature, which names the request; raises SignatureWrong.

    Which part was wrong is told for the time only: it is no secret, and clocks that differ are the usual cause.
    """
    signature, timestamp = headers
    if not signature or not timestamp or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise SignatureWrong(f"{SIGNATURE}, {TIMESTAMP}: both are needed, as v1=HEX and seconds since 1970")
    if abs(now_s - int(timestamp)) > WINDOW_S:
        raise SignatureWrong(f"{TIMESTAMP}: it is more than {WINDOW_S} s from this machine's time; sign anew, and look at both clocks")
    if not any(hmac.compare_digest(sign(secret, int(timestamp), body).encode(), signature.encode()) for secret in secrets):
        raise SignatureWrong(f"{SIGNATURE}: it is not that of this body and time under a secret of YTEMPIRE_WEBHOOK_SECRETS")
    return signature
