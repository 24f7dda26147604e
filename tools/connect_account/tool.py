"""From an owner's answer to a sealed consent: exchange it, ask whose channel it opens, keep both, and forget the answer."""

from contextlib import closing

from infra.database import Database
from infra.errors import Conflict, StudioError
from memory.repositories.channels import ChannelRepository
from memory.repositories.consent_requests import ConsentRequestRepository
from memory.repositories.platform_channels import Connection, PlatformChannelRepository
from memory.repositories.quota import QuotaLedger, Spender
from tools.base import ToolContext, ToolError
from tools.connect_account.schema import SPEC, ConnectAccountArgs, ConnectAccountResult
from tools.gateway_free import FreeCall, free_charge
from tools.job_database import job_database
from tools.vendors.youtube.client import YouTubeClient
from tools.vendors.youtube.consent import ConsentAnswer, exchange_consent
from tools.vendors.youtube.consent_page import SCOPES
from tools.vendors.youtube.errors import OutcomeUnknown
from tools.youtube_consent import vault_of

_WHOSE = "channels.list"


def run(args: ConnectAccountArgs, ctx: ToolContext) -> ConnectAccountResult:
    """Connect the channel that the request is for; whatever goes wrong ends the request with the reason.

    Raises ConsentRequestOver, ReauthoriseNeeded, TryAgain, OtherProject, Conflict, VaultLocked and the faults of the platform.
    """
    with job_database(ctx, SPEC.name) as database:
        try:
            return _connect(args.request, ctx, database)
        except StudioError as error:
            with database.unit_of_work() as session:
                ConsentRequestRepository(session).finish(args.request, "failed", error.message)
            raise


def _connect(request_id: str, ctx: ToolContext, database: Database) -> ConnectAccountResult:
    client, vault = ctx.settings.youtube_client, vault_of(ctx.settings)
    if client is None:
        raise ToolError("YOUTUBE_CLIENT_ID and YOUTUBE_CLIENT_SECRET: both must be set to reach YouTube")
    with database.unit_of_work() as session:
        consents = ConsentRequestRepository(session)
        channel, grant = consents.get(request_id).channel_id, consents.open_grant(request_id)
    # Not through the door of connected channels: what fails here says nothing of the consent that the channel may have.
    with FreeCall(database, free_charge(ctx, "youtube", "oauth.token", channel), (OutcomeUnknown,)):
        token = exchange_consent(client, ConsentAnswer(grant.code, grant.verifier, grant.redirect_uri), ctx.settings.youtube_base_url)
    with database.unit_of_work() as session:
        QuotaLedger(session, ctx.clock.now(), ctx.settings.youtube_granted).spend(Spender(client[0], f"connect:{request_id}", channel), _WHOSE)
    with (
        closing(YouTubeClient(token, client, ctx.settings.youtube_base_url)) as youtube,
        FreeCall(database, free_charge(ctx, "youtube", _WHOSE, channel), (OutcomeUnknown,)),
    ):
        found = youtube.channel()
    new = Connection(channel, found.id, found.title, client[0], ctx.provenance.value, found.uploads_playlist, SCOPES)
    ctx.ensure_live()
    with database.unit_of_work() as session:
        try:
            PlatformChannelRepository(session).connect(new, token, vault)
        except Conflict as error:
            raise _told(error, ChannelRepository(session), channel) from error
        ConsentRequestRepository(session).finish(request_id, "connected")
    return ConnectAccountResult(external_id=found.id, title=found.title)


def _told(error: Conflict, channels: ChannelRepository, channel: str) -> Conflict:
    """Return the error without the name of a channel that belongs to somebody else."""
    named = channels.find(str(error.details.get("channel", channel)))
    if named is not None and named.tenant_id != channels.get(channel).tenant_id:
        return Conflict("the platform's channel is connected to somebody else's channel of this studio already")
    return error
