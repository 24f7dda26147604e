"""Statements about operators: who may stop the studio and let it go on."""

import hashlib
import hmac

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Forbidden
from memory.records.operators import OperatorRecord

LOCAL_OPERATOR = "operator"


class OperatorUnknown(Forbidden):
    """The token is no operator's."""

    code = "operator_unknown"


class OperatorRepository:
    """Operators, inside one unit of work; tokens are kept as SHA-256 only, which for 256 random bits needs no salt."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def is_empty(self) -> bool:
        """Whether nobody was given a token yet."""
        return self._session.scalars(select(func.count()).select_from(OperatorRecord)).one() == 0

    def enrol(self, name: str, token: str) -> bool:
        """Give a name its token; False, with nothing changed, when the name has one."""
        statement = insert(OperatorRecord).values(id=name, token_sha256=_digest(token)).on_conflict_do_nothing()
        return self._session.execute(statement.returning(OperatorRecord.id)).one_or_none() is not None

    def identify(self, token: str) -> str:
        """Return the name of the operator whose token this is; raises OperatorUnknown."""
        digest = _digest(token)
        for operator in self._session.scalars(select(OperatorRecord).order_by(OperatorRecord.id)):
            if hmac.compare_digest(operator.token_sha256, digest):
                return operator.id
        raise OperatorUnknown("the token is no operator's; it is in the file operator.token of the home that made the studio, or in YTEMPIRE_OPERATOR_TOKEN")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
