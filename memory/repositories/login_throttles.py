"""Statements that slow down whoever guesses passwords: counted before a password is looked at, so that guesses side by side count as well."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.ids import content_digest
from memory.records.users import LoginThrottleRecord

WINDOW = timedelta(minutes=15)
FIRST_WAIT_S = 5.0


@dataclass(frozen=True)
class Allowance:
    """How many tries within 15 minutes are free under one key; after each one more nobody may try for twice as long, from 5 seconds to 15 minutes."""

    kind: str
    about: str
    free: int

    @property
    def key(self) -> str:
        """What is kept of it: no address of a person or a machine."""
        return f"{self.kind}:{content_digest(self.about.encode())[:32]}"


class LoginThrottleRepository:
    """Counts tries to sign in; its unit of work is its own, so that a try that fails is counted all the same."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def take(self, *allowances: Allowance) -> float:
        """Count a try under each key and return for how many seconds none is allowed: 0 when this one is."""
        # In one order, so that two tries never wait for each other.
        return max(self._take(one) for one in sorted(allowances, key=lambda one: one.key))

    def _take(self, one: Allowance) -> float:
        fresh = insert(LoginThrottleRecord).values(key=one.key, attempts=0, since=func.now())
        self.session.execute(fresh.on_conflict_do_nothing())
        asked = select(LoginThrottleRecord).where(LoginThrottleRecord.key == one.key).with_for_update().execution_options(populate_existing=True)
        row = self.session.scalars(asked).one()
        now = self.session.scalars(select(func.now())).one()
        if row.blocked_until is not None and row.blocked_until > now:
            return (row.blocked_until - now).total_seconds()
        if row.since < now - WINDOW:
            row.attempts, row.since = 0, now
        row.attempts += 1
        beyond = row.attempts - one.free
        row.blocked_until = now + min(WINDOW, timedelta(seconds=FIRST_WAIT_S * 2 ** min(beyond, 10))) if beyond >= 0 else None
        self.session.flush()
        return 0.0

    def clear(self, *allowances: Allowance) -> None:
        """Forget the tries under these keys, and all that are older than the window."""
        gone = LoginThrottleRecord.key.in_([one.key for one in allowances]) | (LoginThrottleRecord.since < func.now() - WINDOW * 2)
        self.session.execute(delete(LoginThrottleRecord).where(gone))
