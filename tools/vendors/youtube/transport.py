"""One request is one request: httplib2 without its own repeats, with time-outs, and the channel's token on each."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import google_auth_httplib2
import httplib2
from google.auth.exceptions import RefreshError, TransportError
from google.oauth2.credentials import Credentials
from googleapiclient.errors import HttpError

from tools.vendors.youtube.errors import Answer, OutcomeUnknown, TryAgain, error_of

TIMEOUT_S = 60.0
# Roots of addresses that are answered inside this process, without a socket, and the connection that does it.
_INSIDE: dict[str, type[httplib2.HTTPConnectionWithTimeout]] = {}
BROKEN = (OSError, http.client.HTTPException, httplib2.HttpLib2Error, TransportError)


class _OncePlain(httplib2.HTTPConnectionWithTimeout):  # type: ignore[misc]
    """httplib2 silently sends a request again when the answer's first line is missing; a reset is an error it passes on."""

    def getresponse(self, *args: Any, **kwargs: Any) -> http.client.HTTPResponse:
        try:
            found: http.client.HTTPResponse = super().getresponse(*args, **kwargs)
        except (http.client.BadStatusLine, http.client.ResponseNotReady) as error:
            raise ConnectionResetError(f"the connection ended before an answer: {error}") from error
        return found


class _OnceSecure(_OncePlain, httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]
    """The same over TLS."""


class OnceHttp(httplib2.Http):  # type: ignore[misc]
    """An HTTP client that sends each request exactly once."""

    def __init__(self, timeout_s: float = TIMEOUT_S, *, direct: bool = False) -> None:
        proxies = None if direct else httplib2.proxy_info_from_environment
        super().__init__(timeout=timeout_s, proxy_info=proxies)
        # 308 is "resume incomplete" in uploads, not a redirect.
        self.redirect_codes = httplib2.REDIRECT_CODES - {308}

    def request(self, uri: str, *args: Any, **kwargs: Any) -> Any:
        """Send a request over connections that do not repeat it."""
        if kwargs.get("connection_type") is None:
            inside = next((connection for root, connection in _INSIDE.items() if uri.startswith(root)), None)
            kwargs["connection_type"] = inside or (_OnceSecure if uri.startswith("https:") else _OncePlain)
        try:
            return super().request(uri, *args, **kwargs)
        finally:
            # A kept connection that the other side has closed since would make the next outcome unknown for no reason.
            self.close()


@contextmanager
def answered_inside(root: str, connection: type[httplib2.HTTPConnectionWithTimeout]) -> Iterator[None]:
    """Send every request for an address under `root` through `connection` inside the block, as a simulation does; no other address is touched."""
    _INSIDE[root] = connection
    try:
        yield
    finally:
        del _INSIDE[root]


def authorized(refresh_token: str, client: tuple[str, str], token_url: str, timeout_s: float = TIMEOUT_S) -> google_auth_httplib2.AuthorizedHttp:
    """Return a client that gets access tokens from `refresh_token` as needed; `client` is the OAuth client's id and secret."""
    credentials = Credentials(None, refresh_token=refresh_token, token_uri=token_url, client_id=client[0], client_secret=client[1])  # type: ignore[no-untyped-call]
    return google_auth_httplib2.AuthorizedHttp(credentials, OnceHttp(timeout_s, direct=token_url.startswith("http://127.")))


def refresh_error(error: RefreshError) -> Exception:
    """Return what a refused refresh means: a consent that ended needs its owner, an unknown client needs the operator."""
    about = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
    if error.retryable:
        return TryAgain(f"oauth.token: Google's token endpoint is not available right now ({error})")
    return error_of(Answer("oauth.token", 400, str(about.get("error", "invalid_grant")), str(about.get("error_description", error))))


def broken(operation: str, error: Exception) -> OutcomeUnknown:
    """Return the error of a connection that broke."""
    return OutcomeUnknown(f"{operation}: the connection broke before YouTube's answer was through ({type(error).__name__}: {error})")


def executed(operation: str, request: Any) -> Any:
    """Send a request of the SDK once and return its answer; raises the errors of this package."""
    try:
        with translated(operation):
            return request.execute(num_retries=0)
    except HttpError as error:
        raise error_of(answer_of(operation, error)) from error


@contextmanager
def translated(operation: str) -> Iterator[None]:
    """Turn what the transport raises into the errors of this package; HttpError passes, since its meaning depends on the operation."""
    try:
        yield
    except RefreshError as error:
        raise refresh_error(error) from error
    except HttpError:
        raise
    except json.JSONDecodeError as error:
        raise OutcomeUnknown(f"{operation}: YouTube's answer was not JSON ({error})") from error
    except BROKEN as error:
        raise broken(operation, error) from error


def answer_of(operation: str, error: HttpError) -> Answer:
    """Return what an error answer says; the newer APIs write a status word such as NOT_FOUND where the older one lists reasons."""
    after = error.resp.get("retry-after")
    seconds = float(after) if after and after.isdigit() else None
    try:
        found = json.loads(error.content)["error"]
        reasons = found.get("errors") or [{}]
        return Answer(operation, error.resp.status, str(reasons[0].get("reason", found.get("status", ""))), str(found.get("message", "")), seconds)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Answer(operation, error.resp.status, "", error.content[:200].decode(errors="replace"), seconds)
