"""Pages in an order that is chosen: by keyset like any page, with a cursor that knows its order."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Self

from infra.errors import Invalid
from infra.reads import Row, Value

# A title of 100 letters of four bytes, an id, and what base64 adds.
LONGEST_CURSOR = 700
_ENDLESS = ("infinity", "-infinity")


@dataclass(frozen=True)
class Order:
    """What a list is ordered by: an SQL expression that an index is over, of this type; rows that are equal in it are ordered by id."""

    key: str
    kind: Literal["timestamptz", "text"]
    down: bool = False

    def after(self, id_: str) -> str:
        """Return the condition of rows after `%(at)s`, `%(id)s`."""
        collate = ' collate "C"' if self.kind == "text" else ""
        return f"({self.key}, {id_}) {'<' if self.down else '>'} (%(at)s::{self.kind}{collate}, %(id)s)"

    def by(self, id_: str, key: str | None = None) -> str:
        """Return what stands behind `order by`; `key` names the expression where it is computed already."""
        way = "desc" if self.down else "asc"
        return f"{key or self.key} {way}, {id_} {way}"


@dataclass(frozen=True)
class OrderedAsk:
    """How many rows at most, in which order, and after which row."""

    limit: int
    sort: str
    order: Order
    after: tuple[str, str] | None = None

    @classmethod
    def of(cls, limit: int, sort: str, order: Order, cursor: str | None) -> Self:
        """Return what a client asks for; raises Invalid for a cursor that no page of this order gave out."""
        return cls(limit, sort, order, None if cursor is None else _decoded(cursor, sort, order))

    @property
    def values(self) -> dict[str, Value]:
        """Parameters `at`, `id` and `limit`, one more than asked: it tells whether there is a next page."""
        at, id_ = self.after or ("", "")
        return {"at": at, "id": id_, "limit": self.limit + 1}


def ordered_body(rows: Sequence[Row], ask: OrderedAsk) -> bytes:
    """Return `{"items": [...], "next": cursor or null}` of what a statement of `page_of` gave."""
    ((items, count, at, id_),) = rows
    more = json.dumps(_encoded(ask.sort, at.decode(), id_.decode())).encode() if int(count) > ask.limit else b"null"
    return b'{"items":[%s],"next":%s}' % (items, more)


def _encoded(sort: str, at: str, id_: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort, at, id_], ensure_ascii=False).encode()).decode()


def _decoded(cursor: str, sort: str, order: Order) -> tuple[str, str]:
    try:
        of, at, id_ = json.loads(base64.urlsafe_b64decode(cursor))
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise _not_ours() from error
    if not all(isinstance(one, str) and _storable(one) for one in (of, at, id_)):
        raise _not_ours()
    if of != sort:
        raise Invalid(f"cursor: it is of a list in the order {of[:20]!r}, and `sort` asks for {sort!r}; start again without it")
    return (_time(at) if order.kind == "timestamptz" else at), id_


def _storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _time(text: str) -> str:
    """Return a time as pages give it, in UTC; what only Python reads as one never was in a page."""
    if text in _ENDLESS:
        return text
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise _not_ours() from error
    if when.utcoffset() != timedelta(0):
        raise _not_ours()
    return when.isoformat()


def _not_ours() -> Invalid:
    return Invalid("cursor: not one that a page gave out; start again without it")
