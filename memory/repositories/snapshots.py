"""Statements about snapshots."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from memory.records.snapshots import SnapshotRecord


class SnapshotRepository:
    """Snapshots: the first commit of a node's iteration wins for ever."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def find(self, run_id: str, node: str, iteration: int) -> str | None:
        """Return the digest of the committed snapshot, if there is one."""
        statement = select(SnapshotRecord.artifact).filter_by(run_id=run_id, node=node, iteration=iteration)
        return self.session.scalar(statement)

    def commit(self, run_id: str, node: str, iteration: int, digest: str) -> str:
        """Commit a snapshot and return the digest that counts: this one, or the one committed before."""
        fresh = {"run_id": run_id, "node": node, "iteration": iteration, "artifact": digest}
        self.session.execute(insert(SnapshotRecord).values(**fresh).on_conflict_do_nothing())
        return self.find(run_id, node, iteration) or digest

    def list_(self, run_id: str) -> tuple[SnapshotRecord, ...]:
        """Return every snapshot of a run, oldest first."""
        statement = select(SnapshotRecord).filter_by(run_id=run_id).order_by(SnapshotRecord.created_at, SnapshotRecord.node)
        return tuple(self.session.scalars(statement))
