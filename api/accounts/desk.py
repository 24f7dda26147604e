"""What is done with accounts of platforms: ask an owner for consent, take the answer, ask whether one holds, revoke it.

What needs the client's secret or the key of consents is a job of the workers that publish.
"""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from api.accounts.schemas import AccountHealth, AccountView, ConsentBegun, ConsentView, Revoked
from api.http.principal import Principal
from api.http.state import ServiceState
from infra.errors import Invalid, Unavailable
from infra.ids import new_id
from memory.records.consent_requests import ConsentRequestRecord
from memory.records.platform_channels import PlatformChannelRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.consent_requests import ConsentRequestMissing, ConsentRequestRepository, NewConsentRequest
from memory.repositories.jobs import TERMINAL, JobRepository, QueueUnserved
from memory.repositories.platform_channels import PlatformChannelRepository
from tools.base import Args, Result, ToolSpec, provenance_of_connection
from tools.call import HIGH, JobKey, RunScope
from tools.connect_account.schema import SPEC as CONNECT
from tools.connect_account.schema import ConnectAccountArgs
from tools.disconnect_account.schema import SPEC as DISCONNECT
from tools.disconnect_account.schema import DisconnectAccountArgs, DisconnectAccountResult
from tools.probe_provider.schema import CHANNEL, ProbeArgs, ProbeResult
from tools.vendors.youtube.consent_page import ConsentAsk, consent_url

A = TypeVar("A", bound=Args)
R = TypeVar("R", bound=Result)
HAND = "accounts"
_NODE = "account"
# A browser or a program waits so long for a job; what takes longer goes on without it.
PATIENCE_S = 40.0


class NotYet(Unavailable):
    """The job that does it is not done yet; it goes on."""

    code = "account_job_running"
    retryable = True


@dataclass(frozen=True)
class Begun:
    """A request for consent as its asker sees it, and the state that only the asker's browser may bring back."""

    view: ConsentBegun
    state: str


def begin(state: ServiceState, who: Principal, channel_id: str, wanted: tuple[str, str | None]) -> Begun:
    """Begin a request for consent; `wanted` are the address to come back to and the account to propose.

    Raises ChannelMissing, Invalid without an OAuth client, and QueueUnserved when nobody could exchange the answer.
    """
    client_id = state.settings.youtube_client_id
    if not client_id:
        raise Invalid("YOUTUBE_CLIENT_ID: no OAuth client is set, so that no owner can be asked; set it and YOUTUBE_CLIENT_SECRET (docs/first-keys.md)")
    with state.work(who) as session:
        ChannelRepository(session).get(channel_id)
    redirect_uri, account = wanted
    ask = ConsentAsk(redirect_uri, secrets.token_urlsafe(32), secrets.token_urlsafe(64), account)
    with state.studio.unit_of_work() as session:
        if not JobRepository(session).is_served(CONNECT.queue):
            raise QueueUnserved(f"no worker serves the queue {CONNECT.queue!r} that {CONNECT.name} needs; start one and try again", queue=CONNECT.queue)
        new = NewConsentRequest(who.tenant_id, channel_id, who.user_id, redirect_uri, ask.state, ask.verifier)
        made = ConsentRequestRepository(session).begin(new)
        AuditRepository(session).append(who.user_id, "account.consent_asked", channel_id, {"request": made.id}, tenant=who.tenant_id)
    url = consent_url(client_id, ask, state.settings.youtube_base_url)
    return Begun(ConsentBegun(**consent_view(made).model_dump(), url=url), ask.state)


async def finish(state: ServiceState, answer: tuple[str, str | None, str]) -> str:
    """Take an owner's answer (its state, its code, or why there is none) and return the title of the channel that is connected.

    Raises ConsentRequestMissing, ConsentRequestOver, Invalid for a refusal, NotYet, and JobFailed with what was wrong.
    """
    request = await asyncio.to_thread(_answered, state, answer)
    if request.status != "answered":
        raise Invalid(f"the owner did not consent ({request.reason}); ask again when they will")
    try:
        result = await _job(state, CONNECT, ConnectAccountArgs(request=request.id), (request.id, request.channel_id))
    finally:
        await asyncio.to_thread(_settled, state, request.id)
    return result.title


async def check(state: ServiceState, who: Principal, channel_id: str) -> AccountHealth:
    """Ask the platform whether a consent holds, at one unit of quota; raises NotConnected."""
    await asyncio.to_thread(read, state, who, channel_id)
    found: ProbeResult = await _job(state, CHANNEL, ProbeArgs(provider="youtube", subject=channel_id), (new_id("account"), channel_id))
    account = await asyncio.to_thread(read, state, who, channel_id)
    return AccountHealth(ok=found.ok, said=found.said, trouble=found.trouble, ms=found.ms, account=account)


async def revoke(state: ServiceState, who: Principal, channel_id: str, reason: str) -> Revoked:
    """Withdraw a consent at the platform and forget it here; raises NotConnected and what the platform says."""
    await asyncio.to_thread(read, state, who, channel_id)
    args = DisconnectAccountArgs(channel=channel_id, by=who.user_id, reason=reason)
    done: DisconnectAccountResult = await _job(state, DISCONNECT, args, (new_id("account"), channel_id))

    def record() -> None:
        with state.work(who) as session:
            AuditRepository(session).append(who.user_id, "account.revoked", channel_id, {"account": done.title, "reason": reason})

    await asyncio.to_thread(record)
    return Revoked(channel=channel_id, title=done.title, readings_deleted=done.readings_deleted, runs_told=list(done.runs_told))


def read(state: ServiceState, who: Principal, channel_id: str) -> AccountView:
    """Return one connection of the asker's tenant; raises NotConnected."""
    with state.work(who) as session:
        return account_view(PlatformChannelRepository(session).get(channel_id), state)


def consent_of(state: ServiceState, who: Principal, channel_id: str, request_id: str) -> ConsentView:
    """Return a request of the asker's tenant; one whose job ended without a word has failed. Raises ConsentRequestMissing."""
    with state.work(who) as session:
        found = ConsentRequestRepository(session).get(request_id)
    if found.channel_id != channel_id:
        raise ConsentRequestMissing(f"request: {request_id!r} does not exist", request=request_id)
    return consent_view(_settled(state, request_id) if found.status == "answered" else found)


def account_view(one: PlatformChannelRecord, state: ServiceState) -> AccountView:
    """Return a connection as clients see it."""
    days = state.settings.youtube_consent_days
    ends = one.connected_at + timedelta(days=days) if days is not None else None
    names = ("external_id", "title", "project", "provenance", "scopes", "state", "reason", "connected_at", "verified_at")
    healthy = one.state == "active" and (ends is None or ends > state.clock.now())
    return AccountView(channel=one.channel_id, platform="youtube", healthy=healthy, consent_ends_at=ends, **{name: getattr(one, name) for name in names})


def consent_view(one: ConsentRequestRecord) -> ConsentView:
    """Return a request as its asker sees it."""
    names = ("id", "status", "reason", "expires_at", "finished_at")
    return ConsentView(channel=one.channel_id, **{name: getattr(one, name) for name in names})


def _answered(state: ServiceState, answer: tuple[str, str | None, str]) -> ConsentRequestRecord:
    with state.studio.unit_of_work() as session:
        found = ConsentRequestRepository(session).answer(*answer)
        details = {"request": found.id, "status": found.status}
        AuditRepository(session).append(found.user_id, "account.consent_answered", found.channel_id, details, tenant=found.tenant_id)
        return found


def _settled(state: ServiceState, request_id: str) -> ConsentRequestRecord:
    """Return the request; it ends with its job where that died before it could say why."""
    with state.studio.unit_of_work() as session:
        consents, jobs = ConsentRequestRepository(session), JobRepository(session).list_of_run(request_id)
        lost = not jobs or (jobs[-1].state in TERMINAL and jobs[-1].state != "done")
        if consents.get(request_id).status == "answered" and lost:
            consents.finish(request_id, "failed", str((jobs[-1].error or {}).get("message", jobs[-1].state)) if jobs else "no worker took the answer")
        return consents.get(request_id)


async def _job(state: ServiceState, spec: ToolSpec[A, R], args: A, whose: tuple[str, str]) -> R:
    key, channel_id = whose
    truth = provenance_of_connection(state.settings)
    call = state.caller.call(spec, args, key=JobKey(key, _NODE, 0, 0), agent=HAND, run=RunScope(key, channel_id, truth, priority=HIGH))
    try:
        return await asyncio.wait_for(call, PATIENCE_S)
    except TimeoutError as error:
        raise NotYet(f"{spec.name}: is not done after {PATIENCE_S:g} s and goes on; look at the account again in a moment") from error
