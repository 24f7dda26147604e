"""The operator's hand on the kill switches: who asks is checked, and what is changed is put on record."""

from typing import Self

from sqlalchemy.orm import Session

from infra.errors import Invalid
from memory.records.switches import SwitchRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.circuits import CircuitRepository
from memory.repositories.operators import LOCAL_OPERATOR, OperatorRepository
from memory.repositories.switches import SwitchRepository

_LONGEST_REASON = 500


class Switchboard:
    """Engages and releases switches for an operator who is known, inside one unit of work."""

    def __init__(self, session: Session, operator: str) -> None:
        self.operator = operator
        self._session = session

    @classmethod
    def with_token(cls, session: Session, token: str) -> Self:
        """Identify the operator; the first token that a studio sees becomes its operator's. Raises OperatorUnknown for any other."""
        operators = OperatorRepository(session)
        if operators.is_empty() and token:
            operators.enrol(LOCAL_OPERATOR, token)
        return cls(session, operators.identify(token))

    def engage(self, scope: str, reason: str) -> tuple[SwitchRecord, ...]:
        """Stop a scope: no new call is made in it, and calls in flight are cut within 5 s. Returns all that is stopped now."""
        SwitchRepository(self._session).engage(scope, _checked(reason), self.operator)
        AuditRepository(self._session).append(self.operator, "switch.engaged", scope, {"reason": reason})
        return self.list_engaged()

    def release(self, scope: str, reason: str) -> tuple[SwitchRecord, ...]:
        """Let a scope work again; raises Invalid when it is not stopped. Returns what is still stopped."""
        if scope not in {one.scope for one in self.list_engaged()}:
            raise Invalid(f"scope: {scope!r} is not stopped; `ytempire switch list` says what is")
        SwitchRepository(self._session).release(scope, _checked(reason), self.operator)
        AuditRepository(self._session).append(self.operator, "switch.released", scope, {"reason": reason})
        return self.list_engaged()

    def reset(self, provider: str) -> int:
        """Let a provider be called again that asked to wait or failed too often; returns how many of its circuits were held back or counted failures."""
        count = CircuitRepository(self._session).reset(provider)
        AuditRepository(self._session).append(self.operator, "circuit.reset", provider, {"circuits": count})
        return count

    def list_engaged(self) -> tuple[SwitchRecord, ...]:
        """Return what is stopped."""
        return SwitchRepository(self._session).list_engaged()


def _checked(reason: str) -> str:
    if not 1 <= len(reason.strip()) <= _LONGEST_REASON:
        raise Invalid(f"reason: has {len(reason.strip())} characters, 1 to {_LONGEST_REASON} are taken; say why, for whoever reads it next")
    return reason.strip()
