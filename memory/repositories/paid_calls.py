"""Statements about paid calls as calls: which are in flight, how often one was made, and what was answered before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, func, or_, select, text, update
from sqlalchemy.orm import Session

from memory.records.costs import CostEntryRecord

# What was replayed after its burial may be made as often as a new call. What never answered stays counted where the job is replayed by itself, since
# the provider only turned it away: a call is repeated once, until a person has looked.
_HISTORY = text(
    """
    with buried as (
        select ended_at, coalesce(error ->> 'code', '') in ('attempts_spent', 'call_turned_away', 'tool_retry') as passing
        from job_attempts where job_id = :job_id and outcome in ('dead', 'quarantined')
    )
    select count(*) filter (where created_at > coalesce((select max(ended_at) from buried), '-infinity')) as made,
        count(*) filter (where status = 'unknown' and created_at > coalesce((select max(ended_at) from buried where not passing), '-infinity')) as unknown
    from cost_entries where call_key = :call_key and status <> 'released'
    """
)


@dataclass(frozen=True)
class CallHistory:
    """How often one logical call was made since its job was last buried, and how many ended without an answer since a person last looked."""

    made: int
    unknown: int


class PaidCallRepository:
    """Calls in flight and answers kept, inside one unit of work; an entry in flight has a lease that its holder renews."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def history(self, call_key: str, job_id: str) -> CallHistory:
        """Return how often the logical call was made."""
        row = self._session.execute(_HISTORY, {"call_key": call_key, "job_id": job_id}).one()
        return CallHistory(row.made, row.unknown)

    def list_reserved(self, call_key: str) -> tuple[str, ...]:
        """Return the entries of a logical call that nobody closed."""
        statement = select(CostEntryRecord.id).where(CostEntryRecord.call_key == call_key, CostEntryRecord.status == "reserved")
        return tuple(self._session.scalars(statement))

    def last_unknown(self, call_key: str) -> str | None:
        """Return the newest entry of a logical call whose outcome is unknown."""
        statement = select(CostEntryRecord.id).where(CostEntryRecord.call_key == call_key, CostEntryRecord.status == "unknown")
        return self._session.scalar(statement.order_by(CostEntryRecord.created_at.desc()).limit(1))

    def find_answer(self, call_key: str, content_key: str | None) -> str | None:
        """Return the digest of the answer that was bought for this logical call, or for the same content by anybody."""
        for column, key in ((CostEntryRecord.call_key, call_key), (CostEntryRecord.content_key, content_key)):
            if key is None:
                continue
            statement = select(CostEntryRecord.answer).where(column == key, CostEntryRecord.answer.is_not(None))
            if found := self._session.scalar(statement.order_by(CostEntryRecord.created_at.desc()).limit(1)):
                return found
        return None

    def mark_expired(self, provider: str | None = None, credential: str = "", job_id: str | None = None) -> tuple[str, ...]:
        """Give up calls, of one provider and credential or of all, whose holder renews them no more: their outcome is unknown. Returns their entries.

        With `job_id`, named by the one live attempt of a job, also what earlier attempts of that job left open, before its time.
        """
        over = CostEntryRecord.lease_expires_at < func.clock_timestamp()
        if job_id is not None:
            over = or_(over, and_(CostEntryRecord.job_id == job_id, CostEntryRecord.lease_expires_at.is_not(None)))
        late = [CostEntryRecord.status == "reserved", over]
        if provider is not None:
            late += [CostEntryRecord.provider == provider, CostEntryRecord.credential == credential]
        given_up = update(CostEntryRecord).where(*late).values(status="unknown", outcome="abandoned", lease_expires_at=None)
        return tuple(self._session.scalars(given_up.returning(CostEntryRecord.id)))

    def count_in_flight(self, provider: str, credential: str) -> int:
        """Return how many calls run now over all processes."""
        statement = select(func.count()).select_from(CostEntryRecord).where(CostEntryRecord.provider == provider, CostEntryRecord.credential == credential)
        return self._session.scalars(statement.where(CostEntryRecord.status == "reserved", CostEntryRecord.lease_expires_at.is_not(None))).one()

    def is_being_bought(self, content_key: str) -> bool:
        """Whether somebody is buying this very content now."""
        statement = select(CostEntryRecord.id).where(CostEntryRecord.content_key == content_key, CostEntryRecord.status == "reserved")
        return self._session.scalar(statement.where(CostEntryRecord.lease_expires_at > func.clock_timestamp()).limit(1)) is not None

    def renew(self, entry_ids: Sequence[str], lease_s: float) -> None:
        """Say that the calls of these entries still run."""
        until = func.clock_timestamp() + timedelta(seconds=lease_s)
        mine = update(CostEntryRecord).where(CostEntryRecord.id.in_(entry_ids), CostEntryRecord.status == "reserved")
        self._session.execute(mine.values(lease_expires_at=until), execution_options={"synchronize_session": False})
