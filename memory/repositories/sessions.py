"""Statements about sessions: begin one, follow its refresh tokens, and end it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from infra.errors import NotFound
from infra.ids import new_id
from memory.records.sessions import SessionRecord
from memory.records.users import UserRecord

# A second tab, or an answer that was lost, presents the token before the newest: it gets the newest again, for this long.
GRACE = timedelta(seconds=20)
IDLE, LONGEST = timedelta(hours=24), timedelta(days=30)


class SessionMissing(NotFound):
    """There is no such session of that user."""

    code = "session_missing"


class Turn(StrEnum):
    """What became of a refresh token that was presented."""

    ROTATED = "rotated"
    REPEATED = "repeated"
    REUSED = "reused"
    IDLE = "idle"
    OVER = "over"


@dataclass(frozen=True)
class SignIn:
    """Where a session was begun from."""

    address: str = ""
    agent: str = ""


@dataclass(frozen=True)
class Holder:
    """Whoever a session or a token speaks for, as it is now."""

    user_id: str
    tenant_id: str
    role: str


class SessionRepository:
    """Sessions, inside one unit of work; database time decides what is over."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def begin(self, user: UserRecord, salt: str, sign_in: SignIn) -> SessionRecord:
        """Begin a session; its first refresh token has the number 0."""
        about = {"id": new_id("session"), "tenant_id": user.tenant_id, "user_id": user.id, "salt": salt}
        made = SessionRecord(**about, address=sign_in.address[:64], agent=sign_in.agent[:200], expires_at=func.now() + LONGEST)
        self.session.add(made)
        self.session.flush()
        return made

    def find(self, session_id: str) -> SessionRecord | None:
        """Return the session, if there is one."""
        return self.session.get(SessionRecord, session_id, populate_existing=True)

    def rotate(self, session_id: str, number: int) -> tuple[Turn, int]:
        """Take the refresh token of that number; return what became of it, and the number of the newest token.

        A token that was used before and is presented too late is somebody else's copy, or ours was stolen: the session ends.
        """
        found = self.session.scalar(select(SessionRecord).where(SessionRecord.id == session_id).with_for_update().execution_options(populate_existing=True))
        now = self.session.scalars(select(func.now())).one()
        if found is None or found.ended_at is not None or found.expires_at <= now:
            return Turn.OVER, number
        if number == found.number and now - found.rotated_at > IDLE:
            self._end(SessionRecord.id == session_id, "idle")
            return Turn.IDLE, number
        if number == found.number:
            found.number, found.rotated_at = number + 1, now
            self.session.flush()
            return Turn.ROTATED, number + 1
        if number == found.number - 1 and now - found.rotated_at <= GRACE:
            return Turn.REPEATED, found.number
        self._end(SessionRecord.id == session_id, "reused")
        return Turn.REUSED, found.number

    def holder(self, session_id: str) -> Holder | None:
        """Return whom a session speaks for; None when it is over or its user may not sign in."""
        asked = (
            select(SessionRecord.user_id, SessionRecord.tenant_id, UserRecord.role)
            .join(UserRecord, UserRecord.id == SessionRecord.user_id)
            .where(SessionRecord.id == session_id, SessionRecord.ended_at.is_(None), SessionRecord.expires_at > func.now(), UserRecord.disabled_at.is_(None))
        )
        row = self.session.execute(asked).one_or_none()
        return None if row is None else Holder(*row)

    def standing(self, session_id: str) -> tuple[Holder, datetime] | None:
        """Return whom a session speaks for and when it ends by itself, as `holder` does."""
        asked = select(SessionRecord.expires_at).where(SessionRecord.id == session_id)
        holder, ends = self.holder(session_id), self.session.scalar(asked)
        return None if holder is None or ends is None else (holder, ends)

    def confirm(self, session_id: str, user_id: str) -> SessionRecord:
        """Note that the person of a session showed their password now; raises SessionMissing."""
        mine = (SessionRecord.id == session_id, SessionRecord.user_id == user_id, SessionRecord.ended_at.is_(None))
        noted = update(SessionRecord).where(*mine).values(confirmed_at=func.now()).returning(SessionRecord).execution_options(populate_existing=True)
        found = self.session.scalars(noted).one_or_none()
        if found is None:
            raise _missing(session_id)
        return found

    def list_of(self, user_id: str) -> tuple[SessionRecord, ...]:
        """Return a user's sessions that are not over, newest first."""
        live = (SessionRecord.user_id == user_id, SessionRecord.ended_at.is_(None), SessionRecord.expires_at > func.now())
        return tuple(self.session.scalars(select(SessionRecord).where(*live).order_by(SessionRecord.created_at.desc(), SessionRecord.id.desc()).limit(200)))

    def end(self, session_id: str, user_id: str, why: str) -> None:
        """End one session of a user, at once; raises SessionMissing."""
        if not self._end((SessionRecord.id == session_id) & (SessionRecord.user_id == user_id), why):
            raise _missing(session_id)

    def end_all(self, user_id: str, why: str, but: str | None = None) -> int:
        """End a user's sessions, but one where one is named; return how many were ended."""
        return self._end((SessionRecord.user_id == user_id) & (SessionRecord.id != (but or "")), why)

    def _end(self, which: object, why: str) -> int:
        ended = update(SessionRecord).where(which, SessionRecord.ended_at.is_(None)).values(ended_at=func.now(), ended_why=why)  # type: ignore[arg-type]
        return len(self.session.scalars(ended.returning(SessionRecord.id)).all())


def _missing(session_id: str) -> SessionMissing:
    return SessionMissing(f"session: {session_id!r} is over, or not one of this user's", session=session_id)
