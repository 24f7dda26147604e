"""Statements about decisions."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from memory.artifacts import Decision
from memory.records.decisions import DecisionRecord


class DecisionRepository:
    """Decisions of agents, in the order they were made."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def record(self, run_id: str, node: str, iteration: int, decisions: Sequence[Decision]) -> None:
        """Record a node's decisions; a re-run of the node replaces what it recorded before."""
        self.session.execute(delete(DecisionRecord).filter_by(run_id=run_id, node=node, iteration=iteration))
        for ordinal, decision in enumerate(decisions):
            key = {"run_id": run_id, "node": node, "iteration": iteration, "ordinal": ordinal}
            self.session.add(DecisionRecord(**key, agent=decision.agent, decision=decision.model_dump(mode="json")))
        self.session.flush()

    def find(self, run_id: str, question: str, since: datetime, until: datetime) -> Decision | None:
        """Return what was decided last on a question between two moments, if anything was."""
        asked = (DecisionRecord.decision["question"].as_string() == question, DecisionRecord.created_at >= since, DecisionRecord.created_at <= until)
        order = (DecisionRecord.created_at.desc(), DecisionRecord.iteration.desc(), DecisionRecord.ordinal.desc())
        row = self.session.scalar(select(DecisionRecord).where(DecisionRecord.run_id == run_id, *asked).order_by(*order).limit(1))
        return Decision.model_validate(row.decision) if row is not None else None

    def list_(self, run_id: str) -> tuple[Decision, ...]:
        """Return every decision of a run in the order it was made."""
        order = (DecisionRecord.created_at, DecisionRecord.node, DecisionRecord.iteration, DecisionRecord.ordinal)
        rows = self.session.scalars(select(DecisionRecord).filter_by(run_id=run_id).order_by(*order))
        return tuple(Decision.model_validate(row.decision) for row in rows)
