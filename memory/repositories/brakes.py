"""Statements about brakes."""

from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Unavailable
from memory.records.brakes import BrakeRecord

LAUNCHES = "launches"


class Braked(Unavailable):
    """Work of this kind is held back for now; it goes on by itself when the reason has passed."""

    code = "braked"


def tool_brake(tool: str) -> str:
    """Return the scope that holds back the jobs of one tool."""
    return f"tool:{tool}"


class BrakeRepository:
    """Work held back for a while. A kill switch is an operator's word and stays; a brake lapses unless it is renewed."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, scope: str, reason: str, by: str, for_s: float) -> bool:
        """Hold `launches` (no production begins) or `tool:<name>` (none of its jobs is sent) back for `for_s` seconds; say whether that is new."""
        new = self._find(scope) is None
        values = {"reason": reason, "put_by": by, "expires_at": func.now() + timedelta(seconds=for_s)}
        fresh = insert(BrakeRecord).values(scope=scope, **values)
        self._session.execute(fresh.on_conflict_do_update(index_elements=["scope"], set_=values | ({"put_at": func.now()} if new else {})))
        return new

    def release(self, scope: str) -> bool:
        """Let work go on; say whether it was held back."""
        held = self._find(scope) is not None
        self._session.execute(delete(BrakeRecord).where(BrakeRecord.scope == scope))
        return held

    def list_(self) -> tuple[BrakeRecord, ...]:
        """Return the brakes that are on."""
        return tuple(self._session.scalars(select(BrakeRecord).where(BrakeRecord.expires_at > func.now()).order_by(BrakeRecord.scope)))

    def ensure_free(self, scope: str) -> None:
        """Raise Braked, with the reason, while work of this scope is held back."""
        if (found := self._find(scope)) is not None:
            raise Braked(f"{scope} are held back by the {found.put_by}: {found.reason}", scope=scope, until=found.expires_at.isoformat())

    def _find(self, scope: str) -> BrakeRecord | None:
        return self._session.scalar(select(BrakeRecord).where(BrakeRecord.scope == scope, BrakeRecord.expires_at > func.now()))
