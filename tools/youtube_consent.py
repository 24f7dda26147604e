"""Opening a channel owner's consent, which only workers of the `publish` queue can: they alone hold the key."""

from dataclasses import dataclass, field

from infra.database import Database
from infra.settings import Settings
from memory.records.platform_channels import PlatformChannelRecord
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.vault import Vault
from tools.base import ToolContext, ToolError


@dataclass(frozen=True)
class OpenConsent:
    """A channel's connection, its refresh token (a secret) and the OAuth client that it belongs to."""

    connection: PlatformChannelRecord
    token: str = field(repr=False)
    client: tuple[str, str] = field(repr=False)


def open_consent(database: Database, channel_id: str, ctx: ToolContext) -> OpenConsent:
    """Open a channel's consent. Raises NotConnected, ConsentEnded, VaultLocked, or ToolError for another project or provenance than it was given for."""
    client = ctx.settings.youtube_client
    if client is None:
        raise ToolError("YOUTUBE_CLIENT_ID and YOUTUBE_CLIENT_SECRET: both must be set to reach YouTube")
    with database.unit_of_work() as session:
        channels = PlatformChannelRepository(session)
        connection = channels.get(channel_id)
        token = channels.open_token(channel_id, vault_of(ctx.settings))
    if connection.project != client[0]:
        raise ToolError(f"YOUTUBE_CLIENT_ID: channel {channel_id} was connected through {connection.project}; a deployment has one project")
    if connection.provenance != ctx.provenance.value:
        raise ToolError(f"channel {channel_id}: its connection is {connection.provenance}, this video is {ctx.provenance.value}")
    return OpenConsent(connection, token, client)


def vault_of(settings: Settings) -> Vault:
    """Return the vault of this process; raises VaultLocked where no key was given, as in every worker but those of the publish queue."""
    keys = settings.token_keys.get_secret_value().split(",") if settings.token_keys else []
    return Vault([key for key in keys if key.strip()])
