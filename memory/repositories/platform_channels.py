"""Statements about platform channels and the consents that open them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from infra.errors import Conflict, Forbidden, NotFound
from memory.records.platform_channels import ChannelTokenRecord, PlatformChannelRecord
from memory.vault import Vault, VaultLocked

_CONNECT = 0x79744368  # "ytCh": one connection at a time
_NOT_PERMITTED = "42501"


class NotConnected(NotFound):
    """No channel of the platform is connected to this channel of the studio."""

    code = "channel_not_connected"


class ConsentEnded(Forbidden):
    """The owner of the channel has to consent again."""

    code = "consent_ended"


class OtherProject(Conflict):
    """A second OAuth client or project: the platform's policy allows exactly one for a deployment."""

    code = "other_project"


@dataclass(frozen=True)
class Connection:
    """What an owner consented to: their channel, the OAuth client, what it covers, and which provenance may use it."""

    channel_id: str
    external_id: str
    title: str
    project: str
    provenance: str
    uploads_playlist: str
    scopes: tuple[str, ...]


class PlatformChannelRepository:
    """Connections, and their tokens for whoever holds the key."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def connect(self, new: Connection, refresh_token: str, vault: Vault) -> PlatformChannelRecord:
        """Keep a consent, sealed. Raises OtherProject for a second client, Conflict when the platform's channel belongs to another studio channel."""
        self.session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _CONNECT})
        project = select(PlatformChannelRecord.project).where(PlatformChannelRecord.project != new.project, PlatformChannelRecord.provenance == new.provenance)
        if (other := self.session.scalar(project.limit(1))) is not None:
            raise OtherProject(f"project: channels are connected through {other}; the platform's policy allows one project a deployment", project=other)
        taken = self.session.scalar(select(PlatformChannelRecord).filter_by(external_id=new.external_id))
        if taken is not None and taken.channel_id != new.channel_id:
            raise Conflict(f"{new.title} ({new.external_id}) is already connected to channel {taken.channel_id}", channel=taken.channel_id)
        held = self.find(new.channel_id)
        if held is not None and held.external_id != new.external_id:
            raise Conflict(
                f"channel {new.channel_id} is connected to {held.title}; disconnect it first, so that no publication loses its place", channel=new.channel_id
            )
        values = {**vars(new), "scopes": list(new.scopes), "state": "active", "reason": "", "verified_at": func.now()}
        statement = insert(PlatformChannelRecord).values(**values)
        self.session.execute(statement.on_conflict_do_update(index_elements=["channel_id"], set_=values))
        self._keep(new.channel_id, vault.seal(refresh_token, _about(new.channel_id)))
        return self.get(new.channel_id)

    def find(self, channel_id: str) -> PlatformChannelRecord | None:
        """Return the connection, if there is one."""
        return self.session.get(PlatformChannelRecord, channel_id, populate_existing=True)

    def of(self, channel_ids: Sequence[str]) -> dict[str, PlatformChannelRecord]:
        """Return the connections of those channels that have one, by channel."""
        statement = select(PlatformChannelRecord).where(PlatformChannelRecord.channel_id.in_(channel_ids)).execution_options(populate_existing=True)
        return {found.channel_id: found for found in self.session.scalars(statement)}

    def get(self, channel_id: str) -> PlatformChannelRecord:
        """Return the connection; raises NotConnected."""
        found = self.find(channel_id)
        if found is None:
            raise NotConnected(f"channel {channel_id} is not connected to YouTube; run `ytempire channels connect {channel_id}`", channel=channel_id)
        return found

    def list_(self) -> tuple[PlatformChannelRecord, ...]:
        """Return every connection."""
        return tuple(self.session.scalars(select(PlatformChannelRecord).order_by(PlatformChannelRecord.channel_id)))

    def open_token(self, channel_id: str, vault: Vault) -> str:
        """Return the refresh token. Raises NotConnected, ConsentEnded, or VaultLocked in a process without the key."""
        found = self.get(channel_id)
        if found.state != "active":
            raise ConsentEnded(f"channel {channel_id}: {found.reason}; run `ytempire channels connect {channel_id}`", channel=channel_id)
        return vault.open(self._sealed(channel_id), _about(channel_id))

    def may_read_consents(self) -> bool:
        """Whether the role of this session may read the sealed consents at all."""
        return bool(self.session.execute(text("select has_table_privilege(current_user, 'channel_tokens', 'select')")).scalar())

    def mark_ended(self, channel_id: str, reason: str) -> None:
        """Record that only the owner can go on; the channel waits, it does not fail."""
        self.session.execute(update(PlatformChannelRecord).filter_by(channel_id=channel_id).values(state="needs_owner", reason=reason))

    def mark_verified(self, channel_id: str) -> None:
        """Record that the consent was used just now, and held."""
        self.session.execute(update(PlatformChannelRecord).filter_by(channel_id=channel_id, state="active").values(verified_at=func.now()))

    def disconnect(self, channel_id: str) -> None:
        """Forget a connection and its token."""
        self.session.delete(self.get(channel_id))
        self.session.flush()

    def rotate(self, vault: Vault) -> int:
        """Wrap every token under the vault's current key; return how many changed."""
        changed = [one for one in self._tokens() if not vault.is_current(one.sealed)]
        for one in changed:
            self._keep(one.channel_id, vault.rewrap(one.sealed, _about(one.channel_id)))
        return len(changed)

    def _sealed(self, channel_id: str) -> str:
        try:
            return self.session.scalars(select(ChannelTokenRecord.sealed).filter_by(channel_id=channel_id)).one()
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) != _NOT_PERMITTED:
                raise
            raise VaultLocked("this process connects as a database role that may not read consents; only publish workers may (DATABASE_PUBLISH_URL)") from error

    def _tokens(self) -> Iterable[ChannelTokenRecord]:
        return self.session.scalars(select(ChannelTokenRecord).with_for_update()).all()

    def _keep(self, channel_id: str, sealed: str) -> None:
        statement = insert(ChannelTokenRecord).values(channel_id=channel_id, sealed=sealed)
        self.session.execute(statement.on_conflict_do_update(index_elements=["channel_id"], set_={"sealed": sealed, "updated_at": func.now()}))


def _about(channel_id: str) -> str:
    return f"youtube refresh token of {channel_id}"
