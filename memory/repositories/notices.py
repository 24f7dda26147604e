"""Statements about notices: each is filed once, and waits until somebody has decided what it calls for."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import NotFound
from infra.ids import new_id
from memory.records.notices import NoticeRecord
from memory.records.publications import PublicationRecord
from memory.repositories.keyset import Keyset, Page

_KEYSET = Keyset(NoticeRecord.received_at, NoticeRecord.id)
LONGEST_BODY = 20_000


class NoticeMissing(NotFound):
    """There is no notice of that id."""

    code = "notice_missing"


@dataclass(frozen=True)
class NewNotice:
    """What somebody wrote to us; `key` makes the same notice the same. `channel_id` where whoever hands it in knows."""

    key: str
    source: str
    kind: str
    confidence: float
    body: str
    subject: str = ""
    sender: str = ""
    authenticated: str = ""
    said_at: datetime | None = None
    channel_id: str | None = None
    external_id: str | None = None


class NoticeRepository:
    """What came in about our videos."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def file(self, new: NewNotice) -> tuple[NoticeRecord, bool]:
        """Keep a notice, with the publication it names; the same key again changes nothing. Returns it and whether it is new."""
        about = self._about(new)
        texts = {"subject": new.subject[:500], "sender": new.sender[:320], "body": new.body[:LONGEST_BODY], "authenticated": new.authenticated[:200]}
        values = {"key": new.key, "source": new.source, "kind": new.kind, "confidence": new.confidence, "said_at": new.said_at, **texts, **about}
        made = insert(NoticeRecord).values(id=new_id("notice"), **values).on_conflict_do_nothing(index_elements=["key"]).returning(NoticeRecord.id)
        fresh = self.session.execute(made).one_or_none() is not None
        return self.session.scalars(select(NoticeRecord).filter_by(key=new.key)).one(), fresh

    def get(self, notice_id: str) -> NoticeRecord:
        """Return the notice; raises NoticeMissing."""
        found = self.session.get(NoticeRecord, notice_id, populate_existing=True)
        if found is None:
            raise NoticeMissing(f"notice: {notice_id!r} does not exist", notice=notice_id)
        return found

    def list_(self, status: str | None = None, cursor: str | None = None, limit: int = 50) -> Page[NoticeRecord]:
        """Return notices, newest first."""
        statement = select(NoticeRecord)
        return _KEYSET.page(self.session, statement if status is None else statement.filter_by(status=status), cursor, limit)

    def list_new(self, limit: int = 20) -> tuple[NoticeRecord, ...]:
        """Lock and return notices that nobody has decided on, oldest first; another transaction gets others."""
        statement = select(NoticeRecord).filter_by(status="new").order_by(NoticeRecord.received_at, NoticeRecord.id)
        return tuple(self.session.scalars(statement.limit(limit).with_for_update(skip_locked=True)))

    def close(self, notice_id: str, incident_id: str | None) -> None:
        """Record that a notice led to an incident, or was only filed."""
        values = {"status": "handled" if incident_id else "filed", "incident_id": incident_id}
        self.session.execute(update(NoticeRecord).where(NoticeRecord.id == notice_id).values(**values))

    def _about(self, new: NewNotice) -> dict[str, str | None]:
        if new.external_id is None:
            return {"channel_id": new.channel_id}
        statement = select(PublicationRecord).filter_by(external_id=new.external_id).order_by(PublicationRecord.created_at.desc()).limit(1)
        found = self.session.scalar(statement)
        return {"channel_id": new.channel_id} if found is None else {"channel_id": found.channel_id, "publication_id": found.id}
