"""The stand-in's consent page and token endpoint: authorisation codes with PKCE, refreshing, revoking."""

import base64
import hashlib
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from tools.vendors.youtube.sandbox_answers import Cut
from tools.vendors.youtube.sandbox_faults import Plays
from tools.vendors.youtube.sandbox_world import Account, World


class Consent:
    """Grants, exchanges, refreshes and revokes."""

    def __init__(self, world: World, plays: Plays) -> None:
        self._world = world
        self._plays = plays

    async def authorize(self, request: Request) -> Response:
        """Consent at once as the account named by `login_hint` (a channel id), or the only one, and go back to the caller."""
        asked = request.query_params
        hint = asked.get("login_hint") or next(iter(self._world.accounts))
        problem = self._authorization_problem(asked.get("client_id", ""), dict(asked))
        if problem or hint not in self._world.accounts:
            return JSONResponse({"error": "invalid_request", "error_description": problem or "unknown account"}, status_code=400)
        code = self._world.next_id("4/code-")
        self._world.codes[code] = (hint, asked["redirect_uri"], asked["code_challenge"], asked["scope"])
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'state': asked.get('state', ''), 'code': code, 'scope': asked['scope']})}", 302)

    def _authorization_problem(self, client_id: str, asked: dict[str, str]) -> str:
        if client_id not in self._world.client_secrets:
            return "The OAuth client was not found."
        back = asked.get("redirect_uri", "")
        # An installed app comes back to loopback on any port (RFC 8252); any other address has to be the client's, to the letter:
        # https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation.
        if (urlsplit(back).scheme != "http" or urlsplit(back).hostname not in {"127.0.0.1", "localhost", "::1"}) and back not in self._world.redirects:
            return "redirect_uri_mismatch: the address is neither loopback nor one of the client's authorized redirect URIs"
        wanted = {"response_type": "code", "code_challenge_method": "S256", "access_type": "offline"}
        missing = [name for name, value in wanted.items() if asked.get(name) != value] + [
            name for name in ("code_challenge", "scope", "state") if not asked.get(name)
        ]
        return f"missing or wrong: {', '.join(missing)}" if missing else ""

    async def token(self, request: Request) -> Response:
        """Answer a token request (RFC 6749 sections 4.1.3 and 6)."""
        play = self._plays.next("oauth.token")
        if play is not None:
            return Cut() if play.status == 0 else _error(play.reason, play.message, play.status)
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if self._world.client_secrets.get(form.get("client_id", "")) != form.get("client_secret"):
            return _error("invalid_client", "The OAuth client was not found.", 401)
        if form.get("grant_type") == "refresh_token":
            return self._refresh(form)
        if form.get("grant_type") == "authorization_code":
            return self._exchange(form)
        return _error("unsupported_grant_type", "Invalid grant_type")

    def _refresh(self, form: dict[str, str]) -> Response:
        account = self._holder(form.get("refresh_token", ""))
        if account is None or account.revoked:
            return _error("invalid_grant", "Token has been expired or revoked.")
        return JSONResponse(self._world.issue(account))

    def _exchange(self, form: dict[str, str]) -> Response:
        channel, redirect, challenge, scope = self._world.codes.pop(form.get("code", ""), ("", "", "", ""))
        digest = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if not channel or redirect != form.get("redirect_uri") or challenge != digest:
            return _error("invalid_grant", "Malformed auth code.")
        account = self._world.accounts[channel]
        account.revoked, account.scopes = False, tuple(scope.split())
        self._world.record("oauth.grant", channel, channel)
        return JSONResponse({**self._world.issue(account), "refresh_token": account.refresh_token})

    async def revoke(self, request: Request) -> Response:
        """Withdraw a consent (RFC 7009)."""
        form = parse_qs((await request.body()).decode())
        account = self._holder(form.get("token", [""])[0])
        if account is None:
            return _error("invalid_token", "Token is not revocable.")
        account.revoked = True
        self._world.record("oauth.revoke", account.channel_id, account.channel_id)
        return JSONResponse({})

    def _holder(self, refresh_token: str) -> Account | None:
        return next((one for one in self._world.accounts.values() if one.refresh_token == refresh_token), None)


def _error(code: str, description: str, status: int = 400) -> Response:
    return JSONResponse({"error": code, "error_description": description}, status_code=status)
