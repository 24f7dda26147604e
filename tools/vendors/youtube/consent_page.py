"""The address at which a channel's owner is asked for consent (RFC 6749 section 4.1.1 with RFC 7636), without Google's SDK: the service makes it."""

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import urlencode

from tools.vendors.youtube.audience import ANALYTICS_SCOPE

# What every method of the Data API used here takes (discovery document, `scopes`; captions take no lesser one), and what opens the channel's reports.
SCOPES = ("https://www.googleapis.com/auth/youtube.force-ssl", ANALYTICS_SCOPE)
AUTH_URL = "https://accounts.google.com/o/oauth2/v2/auth"
# Hosts to which Google sends an answer without https. Source: https://developers.google.com/identity/protocols/oauth2/native-app#redirect-uri_loopback.
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class ConsentAsk:
    """Where the browser comes back to, what it must bring along, the verifier that only the asker knows, and the account to propose."""

    redirect_uri: str
    state: str
    verifier: str
    account: str | None = None


def consent_url(client_id: str, ask: ConsentAsk, root_url: str | None = None) -> str:
    """Return the address to open; lasting access is asked for each time, since Google gives a lasting token only with a fresh consent."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(ask.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": ask.redirect_uri,
        "scope": " ".join(SCOPES),
        "state": ask.state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",
        **({"login_hint": ask.account} if ask.account else {}),
    }
    page = AUTH_URL if root_url is None else f"{root_url.rstrip('/')}/o/oauth2/v2/auth"
    return f"{page}?{urlencode(asked)}"
