"""Statements about kill switches."""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Forbidden, Invalid
from memory.records.switches import SwitchRecord

EVERYTHING = "all"
KINDS = ("tenant", "channel", "provider", "run")


class Stopped(Forbidden):
    """A kill switch is engaged for this scope."""

    code = "stopped"


def covering(**named: str | None) -> tuple[str, ...]:
    """Return the switches that cover a call: `all`, and `<kind>:<name>` for every kind that is named."""
    return (EVERYTHING, *(f"{kind}:{name}" for kind, name in named.items() if name))


def check_scope(scope: str) -> str:
    """Return `scope` when a switch may have it; raises Invalid naming what may be given."""
    kind, _, name = scope.partition(":")
    if scope != EVERYTHING and (kind not in KINDS or not name):
        raise Invalid(f"scope: {scope!r} is unknown; give {EVERYTHING!r} or one of {', '.join(f'{one}:NAME' for one in KINDS)}")
    return scope


class SwitchRepository:
    """Kill switches; they stay as they are over restarts until an operator changes them."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def engage(self, scope: str, reason: str, by: str) -> None:
        """Stop a scope: `all`, `tenant:<id>`, `channel:<id>`, `provider:<name>` or `run:<id>`; calls in flight are cut within 5 s."""
        self._set(check_scope(scope), True, reason, by)

    def release(self, scope: str, reason: str, by: str) -> None:
        """Let a scope work again."""
        self._set(check_scope(scope), False, reason, by)

    def list_engaged(self) -> tuple[SwitchRecord, ...]:
        """Return every engaged switch."""
        return tuple(self.session.scalars(select(SwitchRecord).where(SwitchRecord.engaged).order_by(SwitchRecord.scope)))

    def ensure_released(self, scopes: Iterable[str]) -> None:
        """Raise Stopped when `all` or one of `scopes` is stopped."""
        statement = select(SwitchRecord).where(SwitchRecord.engaged, SwitchRecord.scope.in_([EVERYTHING, *scopes]))
        found = self.session.scalar(statement.order_by(SwitchRecord.scope).limit(1))
        if found is not None:
            raise Stopped(f"{found.scope} is stopped by {found.changed_by}: {found.reason}", scope=found.scope)

    def _set(self, scope: str, engaged: bool, reason: str, by: str) -> None:
        values = {"engaged": engaged, "reason": reason, "changed_by": by, "changed_at": func.now()}
        statement = insert(SwitchRecord).values(scope=scope, **values)
        self.session.execute(statement.on_conflict_do_update(index_elements=["scope"], set_=values))
