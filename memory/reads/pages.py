"""Pages of JSON rows by keyset: a statement gives each row as text with its time and id, and Postgres puts the page together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from infra.reads import Row, Value
from memory.repositories.keyset import decode_cursor, encode_cursor

_HEAD = """
    select coalesce(string_agg(r.body, ',') filter (where r.n < %(limit)s::bigint), ''), count(*),
        max(r.at) filter (where r.n = %(limit)s::bigint - 1), max(r.id) filter (where r.n = %(limit)s::bigint - 1)
"""
_ROWS = " from (select p.body, p.at, p.id, row_number() over () as n from ("
_END = ") p (body, at, id)) r"


@dataclass(frozen=True)
class PageAsk:
    """How many rows at most, and after which one."""

    limit: int = 50
    after: tuple[datetime, str] | None = None

    @classmethod
    def of(cls, limit: int, cursor: str | None) -> Self:
        """Return what a client asks for; raises Invalid for a cursor that no page gave out."""
        return cls(limit, None if cursor is None else decode_cursor(cursor))

    @property
    def is_first(self) -> bool:
        """Whether it asks for the newest rows."""
        return self.after is None

    @property
    def values(self) -> dict[str, Value]:
        """Parameters `at`, `id` (from the newest when there is no cursor) and `limit`, one more than asked: it tells whether there is a next page."""
        at, id_ = self.after or ("infinity", "")
        return {"at": at, "id": id_, "limit": self.limit + 1}


def page_of(rows: str, total: str = "") -> str:
    """Return the statement of a page, of one that gives rows (JSON text, time, id) in their order up to `limit`, one more than the page shows.
    `total` is an expression that gives how many there are in all.

    One row comes over the wire, not fifty. Both the numbers and the text follow the order in which the rows are given.
    """
    return _HEAD + (f", ({total})" if total else "") + _ROWS + rows + _END


def page_body(rows: Sequence[Row], ask: PageAsk) -> bytes:
    """Return `{"items": [...], "next": cursor or null}` of what a statement of `page_of` gave, with its `total` where it counts one."""
    ((items, count, at, id_, *counted),) = rows
    more = b'"%s"' % encode_cursor(datetime.fromisoformat(at.decode()), id_.decode()).encode() if int(count) > ask.limit else b"null"
    total = b',"total":%s' % (counted[0] or b"null") if counted else b""
    return b'{"items":[%s],"next":%s%s}' % (items, more, total)
