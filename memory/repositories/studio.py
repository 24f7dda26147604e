"""What every process of a studio must share: recorded by the first, set anew by the machine that holds the stack, read by all who join."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class StudioTerms:
    """The mark that proves a media store to be this studio's, where the store was when last set, and the code that the studio runs."""

    media_mark: str
    media_place: str
    code: str


_FIND = text("select media_mark, media_place, code from studio")
_FIRST = text("insert into studio (media_mark, media_place, code) values (:media_mark, :media_place, :code) on conflict (id) do nothing")
_SET = text(
    """
    insert into studio (media_mark, media_place, code) values (:media_mark, :media_place, :code)
    on conflict (id) do update set media_mark = excluded.media_mark, media_place = excluded.media_place, code = excluded.code, set_at = now()
    """
)


class StudioRepository:
    """The one row of terms, inside one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self) -> StudioTerms | None:
        """Return the terms, when any process has recorded them."""
        row = self._session.execute(_FIND).one_or_none()
        return None if row is None else StudioTerms(**row._mapping)

    def record_first(self, terms: StudioTerms) -> StudioTerms:
        """Record the terms unless another process did before; return those that stand."""
        self._session.execute(_FIRST, terms.__dict__)
        return self.find() or terms

    def set_terms(self, terms: StudioTerms) -> None:
        """Put the terms of the machine that holds the stack in the place of those before."""
        self._session.execute(_SET, terms.__dict__)
