"""`/v1/accounts`, and the address that owners come back to."""

import asyncio
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Path, Query, Request, Response

from api.accounts import desk
from api.accounts.page import page
from api.accounts.schemas import AccountHealth, AccountList, AccountView, ConnectOrder, ConsentBegun, ConsentView, Revoked, Revoking
from api.auth.client import is_secure
from api.auth.confirming import RequireConfirmed
from api.errors import status_of
from api.http.principal import Principal, Public, Require
from api.http.problems import problems
from api.http.repetition import Answer, Repetition
from api.http.state import ServiceState, State
from api.http.versions import answer
from infra.errors import Invalid, StudioError
from infra.ids import content_digest
from memory.repositories.consent_requests import LASTS, ConsentRequestMissing
from memory.repositories.platform_channels import PlatformChannelRepository
from tools.vendors.youtube.consent_page import LOOPBACK

router = APIRouter(tags=["accounts"])
ChannelId = Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,64}$")]
RequestId = Annotated[str, Path(pattern=r"^consent_[0-9a-f]{32}$")]
Reader = Annotated[Principal, Require("accounts:read")]
Checker = Annotated[Principal, Require("accounts:check")]
Connector = Annotated[Principal, RequireConfirmed("accounts:connect")]
Revoker = Annotated[Principal, Require("accounts:connect")]
CALLBACK = "/v1/oauth/youtube"
Told = Annotated[str | None, Query(max_length=2048)]


@router.get("/v1/accounts", response_model=AccountList)
def accounts_list(request: Request, state: State, who: Reader) -> Response:
    """List the platform's channels that the studio may publish to, and how each consent stands."""
    with state.work(who) as session:
        found = [desk.account_view(one, state) for one in PlatformChannelRepository(session).list_()]
    return answer(request, AccountList(items=found).model_dump_json().encode())


@router.get("/v1/accounts/{channel_id}", response_model=AccountView, responses=problems(404))
def accounts_get(request: Request, state: State, who: Reader, channel_id: ChannelId) -> Response:
    """Return the connection of one channel."""
    return answer(request, desk.read(state, who, channel_id).model_dump_json().encode())


@router.post("/v1/accounts/{channel_id}/connect", status_code=201, response_model=ConsentBegun, responses=problems(404, 409))
async def accounts_connect(request: Request, who: Connector, once: Repetition, channel_id: ChannelId, order: ConnectOrder) -> Response:
    """Begin to connect a channel: open `url` in the same browser, where its owner consents at Google. Good once, for ten minutes."""
    state: ServiceState = request.app.state.service

    async def effect() -> Answer:
        begun = await asyncio.to_thread(desk.begin, state, who, channel_id, (_come_back(request, state), order.account))
        where = f"/v1/accounts/{channel_id}/consents/{begun.view.id}"
        return Answer(begun.view.model_dump_json().encode(), 201, where, {"set-cookie": _cookie(request, state, begun.state)})

    return await once.run_beyond(state, who, effect)


@router.get("/v1/accounts/{channel_id}/consents/{request_id}", response_model=ConsentView, responses=problems(404))
def accounts_consent(request: Request, state: State, who: Reader, channel_id: ChannelId, request_id: RequestId) -> Response:
    """Return how a request for an owner's consent stands."""
    return answer(request, desk.consent_of(state, who, channel_id, request_id).model_dump_json().encode())


@router.post("/v1/accounts/{channel_id}/check", response_model=AccountHealth, responses=problems(404, 409, 502))
async def accounts_check(state: State, who: Checker, once: Repetition, channel_id: ChannelId) -> Response:
    """Ask the platform now whether the consent holds; it costs one unit of the day's quota."""

    async def effect() -> Answer:
        return Answer((await desk.check(state, who, channel_id)).model_dump_json().encode())

    return await once.run_beyond(state, who, effect)


@router.post("/v1/accounts/{channel_id}/revoke", response_model=Revoked, responses=problems(404, 409, 502))
async def accounts_revoke(state: State, who: Revoker, once: Repetition, channel_id: ChannelId, asked: Revoking) -> Response:
    """Withdraw the consent at the platform, forget it and what was read through it, and tell the runs of the channel."""

    async def effect() -> Answer:
        return Answer((await desk.revoke(state, who, channel_id, asked.reason)).model_dump_json().encode())

    return await once.run_beyond(state, who, effect)


@router.get(CALLBACK, dependencies=[Public], include_in_schema=False)
async def accounts_finish(request: Request, service: State, state: Told = None, code: Told = None, error: Told = None) -> Response:
    """Take what an owner answered at Google, from the browser that asked, and show a page that says what came of it."""
    try:
        if not state or request.cookies.get(_name(state)) != state:
            raise ConsentRequestMissing("this browser did not ask for the consent; begin again in the one that is to finish it")
        title = await desk.finish(service, (state, code, error or "Google sent no code"))
    except StudioError as wrong:
        return page("Not connected", wrong.message, status_of(type(wrong)))
    return page("Connected", f"The channel publishes to {title} from now on.")


def _come_back(request: Request, state: ServiceState) -> str:
    """Return the address of this service as the browser has it; raises Invalid for one that Google would not send an answer to."""
    # The host is one that this server answers for: the door has looked.
    scheme, host = "https" if is_secure(request, state.settings) else "http", request.headers["host"]
    if scheme == "http" and (urlsplit(f"http://{host}").hostname or "") not in LOOPBACK:
        raise Invalid(f"host: Google sends consents to https addresses or to this machine only, not to http://{host}; open the service so (docs/first-keys.md)")
    return f"{scheme}://{host}{CALLBACK}"


def _cookie(request: Request, state: ServiceState, secret: str) -> str:
    """Return the cookie that only the asking browser has: sent along when Google sends the browser back, and nowhere else."""
    made = Response()
    age, secure = int(LASTS.total_seconds()), is_secure(request, state.settings)
    made.set_cookie(_name(secret), secret, max_age=age, path=CALLBACK, secure=secure, httponly=True, samesite="lax")
    return made.headers["set-cookie"]


def _name(secret: str) -> str:
    return f"ytempire_consent_{content_digest(secret.encode())[:12]}"
