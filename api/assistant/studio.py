"""The service as a program asks it: one token, one address, and one repetition where a connection failed."""

import ipaddress
from typing import Any

import httpx
import orjson

from api.assistant.operations import Operation, Request, operations_of
from api.auth.authenticator import TOKEN_PREFIX
from infra.errors import Forbidden, Invalid, Unavailable
from infra.ids import new_id

_TIMEOUT_S = 60.0
# More than an assistant can read at once; what is longer is cut, and says so.
MOST_CHARS = 60_000


class TokenRefused(Forbidden):
    """The service does not know the token, or it is not a program's."""

    code = "token_refused"


class NotOffered(Forbidden):
    """The token may not do this, or this service cannot."""

    code = "tool_not_offered"


class StudioAway(Unavailable):
    """The service does not answer."""

    code = "studio_away"
    retryable = True


def studio_at(url: str, token: str) -> httpx.AsyncClient:
    """Return the client of a service; raises Invalid for a token that is no program's, and for an address at which others could read it."""
    if not token.startswith(TOKEN_PREFIX):
        raise Invalid(f"YTEMPIRE_MCP_TOKEN, --token-file: an assistant needs a program's token ({TOKEN_PREFIX}...); make one with POST /v1/me/tokens")
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Invalid(f"--url: {url[:100]!r} is no address; give one such as http://127.0.0.1:8000") from error
    if address.scheme != "https" and not (address.scheme == "http" and _is_here(address.host)):
        raise Invalid(f"--url: {url[:100]!r} would carry the token where others can read it; give https://, or http:// for this machine only")
    return httpx.AsyncClient(base_url=address, headers={"authorization": f"Bearer {token}"}, timeout=_TIMEOUT_S, trust_env=False, follow_redirects=False)


class Studio:
    """Asks the service with one token."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._offered: dict[str, Operation] = {}

    async def find(self, name: str) -> Operation:
        """Return a verb by name; raises NotOffered. What was offered before may be refused by now: that is the service's to say."""
        found = self._offered.get(name) or (await self.offers()).get(name)
        if found is None:
            raise NotOffered(f"{name[:80]!r} is not offered to this token; it may use: {', '.join(self._offered) or 'nothing'}")
        return found

    async def offers(self) -> dict[str, Operation]:
        """Return what this token may do of what this service has; raises TokenRefused, StudioAway."""
        me = await self._send(Request("get", "/v1/me", {}, None))
        if me.status_code in (401, 403):
            raise TokenRefused("YTEMPIRE_MCP_TOKEN, --token-file: the service refused the token; it needs me:read beside what it is to do, and may be over")
        document = await self._send(Request("get", "/openapi.json", {}, None))
        if not (me.is_success and document.is_success):
            raise StudioAway(f"--url: {self._client.base_url} answers {me.status_code}, {document.status_code}; is that the studio's service?")
        if me.json()["via"] != "token":
            raise TokenRefused("YTEMPIRE_MCP_TOKEN: it is a person's; an assistant acts with a program's token only")
        may = frozenset(me.json()["permissions"])
        self._offered = {name: one for name, one in operations_of(document.json()).items() if one.permission in may}
        return self._offered

    async def ask(self, request: Request) -> tuple[bool, str]:
        """Return whether the service did it, and its answer as text; raises StudioAway."""
        answer = await self._send(request)
        text = answer.text
        cut = f"\n[cut at {MOST_CHARS} of {len(text)} characters; ask for less]" if len(text) > MOST_CHARS else ""
        return answer.is_success, text[:MOST_CHARS] + cut

    async def _send(self, request: Request) -> httpx.Response:
        # The key lets the service answer a repetition with the first answer.
        headers = {"idempotency-key": new_id("mcp")} if request.method == "post" else {}
        content: dict[str, Any] = {}
        if request.body is not None:
            headers["content-type"], content = "application/json", {"content": orjson.dumps(request.body)}
        for last in (False, True):
            try:
                return await self._client.request(request.method.upper(), request.path, params=request.query, headers=headers, **content)
            except httpx.TransportError as error:
                if last:
                    raise StudioAway(f"the service at {self._client.base_url} does not answer ({type(error).__name__}); `ytempire up` starts it") from error
        raise AssertionError("unreachable")


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
