"""How much a studio's database holds, and what was booked in it: what growth is reckoned from."""

from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from memory.records.base import Record
from memory.records.costs import CostEntryRecord
from memory.records.quota import QuotaSpendRecord

_BYTES = text(
    """
    select coalesce(sum(pg_total_relation_size(c.oid)), 0) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind = 'r'
    """
)


@dataclass(frozen=True)
class Booked:
    """Money in micro-dollars at the providers' prices, the calls behind it, and units of quota by bucket."""

    microusd: int
    calls: int
    quota: dict[str, int]


class FootprintRepository:
    """Sums over all tables, inside one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def rows(self) -> int:
        """Return how many rows all tables of ours hold."""
        return sum(int(self._session.execute(select(func.count()).select_from(table)).scalar_one()) for table in Record.metadata.sorted_tables)

    def table_bytes(self) -> int:
        """Return the bytes of all tables with their indexes, LangGraph's among them."""
        return int(self._session.execute(_BYTES).scalar_one())

    def booked(self) -> Booked:
        """Return everything that was ever booked, rehearsals included."""
        money, calls = self._session.execute(select(func.coalesce(func.sum(CostEntryRecord.counted_microusd), 0), func.count())).one()
        spent = self._session.execute(select(QuotaSpendRecord.bucket, func.sum(QuotaSpendRecord.amount)).group_by(QuotaSpendRecord.bucket)).all()
        return Booked(int(money), int(calls), {str(bucket): int(amount) for bucket, amount in spent})
