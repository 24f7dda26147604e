"""An owner's consent for an installed app: browser, loopback redirect, PKCE and state (RFC 8252), through google-auth-oauthlib; and its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from google_auth_oauthlib.flow import Flow, InstalledAppFlow, WSGITimeoutError
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from tools.vendors.youtube.client import TOKEN_URL
from tools.vendors.youtube.consent_page import AUTH_URL, SCOPES
from tools.vendors.youtube.errors import ReauthoriseNeeded, TryAgain
from tools.vendors.youtube.transport import BROKEN, OnceHttp, broken

_REVOKE_URL = "https://oauth2.googleapis.com/revoke"
_DONE = "The channel is connected. You can close this window."
_PATIENCE_S = 300


@dataclass(frozen=True)
class Asking:
    """How the owner is asked: `announce` is given the address to open; with `browser` it is opened here as well. `account` is a hint for Google."""

    announce: Callable[[str], None]
    browser: bool = True
    account: str | None = None
    patience_s: int = _PATIENCE_S


@dataclass(frozen=True)
class ConsentAnswer:
    """What came back to the service's own address: the code, and what it was asked with."""

    code: str
    verifier: str
    redirect_uri: str


def ask_for_consent(client: tuple[str, str], asking: Asking, root_url: str | None = None) -> str:
    """Ask a channel's owner for consent and return the refresh token, a secret.

    Raises ReauthoriseNeeded when the owner refuses, leaves out a permission or does not answer, TryAgain when Google does not.
    """
    flow = _Announcing.from_client_config(_configured(client, root_url), scopes=list(SCOPES), autogenerate_code_verifier=True)
    flow.announce = asking.announce
    wanted = {"access_type": "offline", "prompt": "consent", **({"login_hint": asking.account} if asking.account else {})}
    with _told():
        try:
            credentials = flow.run_local_server(
                host="127.0.0.1",
                port=0,
                open_browser=asking.browser,
                authorization_prompt_message=None,
                success_message=_DONE,
                timeout_seconds=asking.patience_s,
                **wanted,
            )
        except WSGITimeoutError as error:
            raise ReauthoriseNeeded(f"consent: nobody answered within {asking.patience_s} s; run it again", "timeout") from error
    return _lasting(credentials)


def exchange_consent(client: tuple[str, str], answer: ConsentAnswer, root_url: str | None = None) -> str:
    """Exchange what an owner answered in the browser for the refresh token, a secret; an answer is good once.

    Raises ReauthoriseNeeded when Google does not take it or the owner left out a permission, TryAgain when Google does not answer.
    """
    flow = Flow.from_client_config(
        _configured(client, root_url), scopes=list(SCOPES), redirect_uri=answer.redirect_uri, code_verifier=answer.verifier, autogenerate_code_verifier=False
    )
    with _told():
        flow.fetch_token(code=answer.code)
    return _lasting(flow.credentials)


def withdraw_consent(refresh_token: str, root_url: str | None = None) -> None:
    """Revoke a consent at Google (RFC 7009); one that ended already is no error. Raises OutcomeUnknown when no answer came."""
    address = _REVOKE_URL if root_url is None else f"{root_url.rstrip('/')}/revoke"
    http = OnceHttp(direct=root_url is not None)
    try:
        http.request(address, method="POST", body=urlencode({"token": refresh_token}), headers={"content-type": "application/x-www-form-urlencoded"})
    except BROKEN as error:
        raise broken("oauth.revoke", error) from error


def _configured(client: tuple[str, str], root_url: str | None) -> dict[str, dict[str, str]]:
    root = None if root_url is None else root_url.rstrip("/")
    addresses = {"auth_uri": AUTH_URL if root is None else f"{root}/o/oauth2/v2/auth", "token_uri": TOKEN_URL if root is None else f"{root}/token"}
    return {"installed": {"client_id": client[0], "client_secret": client[1], **addresses}}


@contextmanager
def _told() -> Iterator[None]:
    """Raise what went wrong in the words of this package."""
    try:
        yield
    except OAuth2Error as error:
        raise ReauthoriseNeeded(f"consent: it was not given ({error.error}: {error.description})", str(error.error)) from error
    except Warning as error:
        raise ReauthoriseNeeded("consent: a permission was left out; run it again and accept every one", "scope_changed") from error
    except BROKEN as error:
        raise TryAgain(f"consent: Google's token endpoint did not answer ({error})") from error


def _lasting(credentials: Any) -> str:
    if not credentials.refresh_token:
        raise ReauthoriseNeeded(
            "consent: Google gave no lasting token; remove this app at myaccount.google.com/permissions, then run it again", "no_refresh_token"
        )
    return str(credentials.refresh_token)


class _Announcing(InstalledAppFlow):  # type: ignore[misc]
    """The flow, telling the caller the address to open instead of printing it."""

    announce: Callable[[str], None]

    def authorization_url(self, **wanted: Any) -> tuple[str, str]:
        """Return the address and the state, and announce the address."""
        address, state = super().authorization_url(**wanted)
        self.announce(address)
        return str(address), str(state)
