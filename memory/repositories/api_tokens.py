"""Statements about programs' tokens and the tickets that open sockets."""

from datetime import timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Conflict, NotFound
from infra.ids import new_id
from memory.records.sessions import ApiTokenRecord, SocketTicketRecord
from memory.records.users import UserRecord
from memory.repositories.sessions import Holder
from memory.repositories.users import digest_of

TICKET_LIFE = timedelta(seconds=30)
MOST_TOKENS = 50
_USE_NOTED = timedelta(minutes=1)


class TokenMissing(NotFound):
    """There is no such token of that user."""

    code = "token_missing"


class TooManyTokens(Conflict):
    """The user has as many tokens as one may have."""

    code = "too_many_tokens"


class ApiTokenRepository:
    """Tokens of programs, inside one unit of work."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def create(self, user: UserRecord, token: str, name: str, scopes: list[str], valid: timedelta | None) -> ApiTokenRecord:
        """Keep the digest of a new token; raises TooManyTokens."""
        if len(self.list_of(user.id)) >= MOST_TOKENS:
            raise TooManyTokens(f"name: there are {MOST_TOKENS} tokens, the most one may have; revoke one first")
        about = {"id": new_id("token"), "tenant_id": user.tenant_id, "user_id": user.id, "name": name, "prefix": token[:12], "digest": digest_of(token)}
        made = ApiTokenRecord(**about, scopes=sorted(scopes), expires_at=None if valid is None else func.now() + valid)
        self.session.add(made)
        self.session.flush()
        return made

    def holder(self, token: str) -> tuple[str, Holder, frozenset[str]] | None:
        """Return a token's id, whom it speaks for and its scopes, and note that it was used; None when it is not good."""
        row = self._good(digest_of(token))
        if row is None:
            return None
        found, role = row
        fresh = or_(ApiTokenRecord.last_used_at.is_(None), ApiTokenRecord.last_used_at < func.now() - _USE_NOTED)
        self.session.execute(update(ApiTokenRecord).where(ApiTokenRecord.id == found.id, fresh).values(last_used_at=func.now()))
        return found.id, Holder(found.user_id, found.tenant_id, role), frozenset(found.scopes)

    def holder_of(self, token_id: str) -> tuple[Holder, frozenset[str]] | None:
        """Return whom a token speaks for and its scopes, by its id; None when it is not good."""
        digest = self.session.scalar(select(ApiTokenRecord.digest).where(ApiTokenRecord.id == token_id))
        row = None if digest is None else self._good(digest)
        return None if row is None else (Holder(row[0].user_id, row[0].tenant_id, row[1]), frozenset(row[0].scopes))

    def _good(self, digest: str) -> tuple[ApiTokenRecord, str] | None:
        good = (ApiTokenRecord.revoked_at.is_(None), or_(ApiTokenRecord.expires_at.is_(None), ApiTokenRecord.expires_at > func.now()))
        asked = select(ApiTokenRecord, UserRecord.role).join(UserRecord, UserRecord.id == ApiTokenRecord.user_id)
        row = self.session.execute(asked.where(ApiTokenRecord.digest == digest, *good, UserRecord.disabled_at.is_(None))).one_or_none()
        return None if row is None else (row[0], row[1])

    def list_of(self, user_id: str) -> tuple[ApiTokenRecord, ...]:
        """Return a user's tokens that were not revoked, newest first."""
        theirs = (ApiTokenRecord.user_id == user_id, ApiTokenRecord.revoked_at.is_(None))
        return tuple(self.session.scalars(select(ApiTokenRecord).where(*theirs).order_by(ApiTokenRecord.created_at.desc(), ApiTokenRecord.id.desc())))

    def revoke(self, token_id: str, user_id: str) -> None:
        """Revoke one token of a user, at once; raises TokenMissing."""
        which = (ApiTokenRecord.id == token_id, ApiTokenRecord.user_id == user_id, ApiTokenRecord.revoked_at.is_(None))
        if self.session.scalar(update(ApiTokenRecord).where(*which).values(revoked_at=func.now()).returning(ApiTokenRecord.id)) is None:
            raise TokenMissing(f"token: {token_id!r} is revoked, or not one of this user's", token=token_id)

    def revoke_all(self, user_id: str) -> int:
        """Revoke every token of a user, at once; return how many were good until now."""
        which = (ApiTokenRecord.user_id == user_id, ApiTokenRecord.revoked_at.is_(None))
        return len(self.session.scalars(update(ApiTokenRecord).where(*which).values(revoked_at=func.now()).returning(ApiTokenRecord.id)).all())


class SocketTicketRepository:
    """Tickets: good once, for 30 seconds, from the address that asked."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def issue(self, ticket: str, who: Holder, address: str, *, session_id: str | None = None, api_token_id: str | None = None) -> None:
        """Keep the digest of a new ticket, and forget those whose time is over."""
        self.session.execute(delete(SocketTicketRecord).where(SocketTicketRecord.expires_at < func.now()))
        about = {"digest": digest_of(ticket), "tenant_id": who.tenant_id, "user_id": who.user_id, "address": address[:64]}
        made = insert(SocketTicketRecord).values(**about, session_id=session_id, api_token_id=api_token_id, expires_at=func.now() + TICKET_LIFE)
        self.session.execute(made)

    def take(self, ticket: str, address: str) -> SocketTicketRecord | None:
        """Use a ticket up and return it; None when it is not good, which uses it up as well."""
        gone = delete(SocketTicketRecord).where(SocketTicketRecord.digest == digest_of(ticket))
        good = (SocketTicketRecord.expires_at > func.now()).label("good")
        row = self.session.execute(gone.returning(SocketTicketRecord, good)).one_or_none()
        return row[0] if row is not None and row[1] and row[0].address == address[:64] else None
