"""Pages of JSON rows by keyset: the statement gives each row as text with its time and id, and the page is put together without looking into it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from infra.reads import Row, Value
from memory.repositories.keyset import decode_cursor, encode_cursor


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


def page_body(rows: Sequence[Row], ask: PageAsk) -> bytes:
    """Return `{"items": [...], "next": cursor or null}` of rows (JSON text, time, id)."""
    shown = rows[: ask.limit]
    more = b'"%s"' % _cursor_after(shown[-1]) if len(rows) > ask.limit else b"null"
    return b'{"items":[%s],"next":%s}' % (b",".join([row[0] for row in shown]), more)


def _cursor_after(row: Row) -> bytes:
    return encode_cursor(datetime.fromisoformat(row[1].decode()), row[2].decode()).encode()
