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
_FIRST_YEAR, _LAST_YEAR = 1970, 9999


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
            at, id_ = decode_cursor(cursor)
            statement = statement.where(tuple_(self.at, self.id) < tuple_(at, id_))
        rows: list[Any] = list(session.scalars(statement.order_by(self.at.desc(), self.id.desc()).limit(limit + 1)))
        more = len(rows) > limit
        rows = rows[:limit]
        return Page(tuple(rows), encode_cursor(getattr(rows[-1], self.at.key), getattr(rows[-1], self.id.key)) if more else None)


def encode_cursor(at: datetime, id_: str) -> str:
    """Return the cursor of the page after this row."""
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), id_]).encode()).decode()


def decode_cursor(cursor: str) -> tuple[datetime, str]:
    """Return the row that a page ended with; raises Invalid for a cursor that no page gave out."""
    try:
        at, id_ = json.loads(base64.urlsafe_b64decode(cursor))
        when = datetime.fromisoformat(at)
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise _not_ours() from error
    # What Postgres could not take as a text or a time was never in a page either.
    if when.tzinfo is None or not _FIRST_YEAR <= when.year < _LAST_YEAR or not isinstance(id_, str) or "\x00" in id_:
        raise _not_ours()
    return when, id_


def _not_ours() -> Invalid:
    return Invalid("cursor: not one that a page gave out; start again without it")
