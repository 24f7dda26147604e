"""Pages by keyset: newest first, stable while rows are added, and as fast on page 1,000 as on page 1."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from infra.errors import Invalid

R = TypeVar("R")
MAX_PAGE = 200


@dataclass(frozen=True)
class Page(Generic[R]):
    """Some rows, and the cursor of the next page when there is one."""

    items: tuple[R, ...]
    next: str | None


@dataclass(frozen=True)
class Keyset:
    """The two columns that order a listing: a time and, for equal times, the id."""

    at: InstrumentedAttribute[datetime]
    id: InstrumentedAttribute[str]

    def page(self, session: Session, statement: Select[R], cursor: str | None, limit: int) -> Page[R]:
        """Return at most `limit` (1..200) rows after `cursor`; raises Invalid for a cursor that no page gave out."""
        if not 1 <= limit <= MAX_PAGE:
            raise Invalid(f"limit: must be 1..{MAX_PAGE}, is {limit}", limit=limit)
        if cursor is not None:
            at, id_ = _decode(cursor)
            statement = statement.where(tuple_(self.at, self.id) < tuple_(at, id_))
        rows: list[Any] = list(session.scalars(statement.order_by(self.at.desc(), self.id.desc()).limit(limit + 1)))
        more = len(rows) > limit
        rows = rows[:limit]
        return Page(tuple(rows), _encode(getattr(rows[-1], self.at.key), getattr(rows[-1], self.id.key)) if more else None)


def _encode(at: datetime, id_: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), id_]).encode()).decode()


def _decode(cursor: str) -> tuple[datetime, str]:
    try:
        at, id_ = json.loads(base64.urlsafe_b64decode(cursor))
        return datetime.fromisoformat(at), str(id_)
    except (ValueError, TypeError, binascii.Error) as error:
        raise Invalid("cursor: not one that a page gave out; start again without it") from error
