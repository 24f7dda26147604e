"""Asking YouTube for the channel that an owner's consent opens: one unit of the day's quota, booked before it is spent."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from infra.database import Database
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.quota import QuotaLedger, Spender
from memory.vault import Vault
from tools.base import ToolContext, ToolError
from tools.gateway_free import FreeCall, free_charge
from tools.probe_provider.asking import probed
from tools.probe_provider.schema import ProbeArgs, ProbeResult
from tools.vendors.youtube.client import YouTubeClient
from tools.vendors.youtube.errors import OutcomeUnknown, ReauthoriseNeeded

_OPERATION = "channels.list"


def run(args: ProbeArgs, ctx: ToolContext) -> ProbeResult:
    """Read the channel that the studio's channel `subject` publishes to, with its own consent; only publish workers can open that."""
    return probed(ctx, lambda: _asked(args.subject, ctx))


def _asked(channel: str, ctx: ToolContext) -> str:
    client, keys = ctx.settings.youtube_client, ctx.settings.token_keys
    if client is None:
        raise ToolError("YOUTUBE_CLIENT_ID and YOUTUBE_CLIENT_SECRET: both must be set to publish to YouTube")
    with _database(ctx) as database:
        with database.unit_of_work() as session:
            channels = PlatformChannelRepository(session)
            wanted = channels.get(channel).external_id
            token = channels.open_token(channel, Vault([key for key in (keys.get_secret_value().split(",") if keys else []) if key.strip()]))
        with database.unit_of_work() as session:
            who = Spender(client[0], f"probe:{ctx.job_id}", channel)
            QuotaLedger(session, ctx.clock.now(), ctx.settings.youtube_granted).spend(who, _OPERATION)
        with (
            closing(YouTubeClient(token, client, ctx.settings.youtube_base_url)) as youtube,
            FreeCall(database, free_charge(ctx, "youtube", _OPERATION, channel), (OutcomeUnknown,)),
        ):
            found = _read(youtube, channel, database)
    if found[0] != wanted:
        raise ToolError(f"channel {channel}: the consent opens {found[1]} ({found[0]}), not {wanted}; run `ytempire channels connect {channel}`")
    return f"the consent opens {found[1]}"


def _read(youtube: YouTubeClient, channel: str, database: Database) -> tuple[str, str]:
    try:
        view = youtube.channel()
    except ReauthoriseNeeded as error:
        with database.unit_of_work() as session:
            PlatformChannelRepository(session).mark_ended(channel, error.message)
        raise
    with database.unit_of_work() as session:
        PlatformChannelRepository(session).mark_verified(channel)
    return view.id, view.title


@contextmanager
def _database(ctx: ToolContext) -> Iterator[Database]:
    if ctx.settings.database_url is None:
        raise ToolError("probe_channel: needs DATABASE_URL; run it as a job of a worker")
    database = Database(ctx.settings.database_url, pool_size=1)
    try:
        yield database
    finally:
        database.dispose()
