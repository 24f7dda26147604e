"""Statements about fingerprints and measurements of sameness, never across kinds of truth."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from memory.records.channels import ChannelRecord
from memory.records.fingerprints import FingerprintRecord, SamenessCheckRecord
from memory.records.runs import RunRecord
from memory.sameness import Budget, budget_of


class FingerprintRepository:
    """What videos are like, and how alike they were found."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def keep(self, run_id: str, provenance: str, title: str, body: Mapping[str, Any]) -> None:
        """Keep what a run's video is like; what is kept again adds to it or replaces it, part by part."""
        channel = self.session.get_one(RunRecord, run_id).channel_id
        statement = insert(FingerprintRecord).values(run_id=run_id, channel_id=channel, provenance=provenance, title=title, body=dict(body))
        values = {"title": title, "provenance": provenance, "body": FingerprintRecord.body.op("||")(statement.excluded.body)}
        self.session.execute(statement.on_conflict_do_update(index_elements=["run_id"], set_=values))

    def mark_published(self, run_id: str) -> None:
        """Note that the video of a run was published."""
        fresh = FingerprintRecord.published_at.is_(None)
        self.session.execute(update(FingerprintRecord).where(FingerprintRecord.run_id == run_id, fresh).values(published_at=func.now()))

    def newest(self, run_id: str, provenance: str, limit: int, other_channels: bool) -> tuple[FingerprintRecord, ...]:
        """Return what a run is compared with, newest first: `limit` videos of its own channel, or of the tenant's other channels.

        Those are what was published, and what is on its way: runs that have no ending yet, and were measured before this one. Of two that are made
        at the same time, so, one goes on.
        """
        run = self.session.get_one(RunRecord, run_id)
        mine = select(FingerprintRecord.created_at).where(FingerprintRecord.run_id == run_id).scalar_subquery()
        earlier = func.coalesce(FingerprintRecord.created_at < mine, true())
        tenant = select(ChannelRecord.tenant_id).where(ChannelRecord.id == run.channel_id).scalar_subquery()
        own = FingerprintRecord.channel_id == run.channel_id
        statement = (
            select(FingerprintRecord)
            .join(RunRecord, RunRecord.id == FingerprintRecord.run_id)
            .join(ChannelRecord, ChannelRecord.id == FingerprintRecord.channel_id)
            .where(FingerprintRecord.run_id != run_id, FingerprintRecord.provenance == str(provenance), ChannelRecord.tenant_id == tenant)
            .where(FingerprintRecord.published_at.is_not(None) | (RunRecord.finished_at.is_(None) & earlier), ~own if other_channels else own)
            .order_by(FingerprintRecord.created_at.desc(), FingerprintRecord.run_id)
            .limit(limit)
        )
        return tuple(self.session.scalars(statement))

    def record_check(self, run_id: str, stage: str, iteration: int, provenance: str, report: Mapping[str, Any]) -> None:
        """Record a measurement; a re-run of the node replaces it with the same. `report["passed"]` says whether every limit was kept."""
        channel = self.session.get_one(RunRecord, run_id).channel_id
        key = {"run_id": run_id, "stage": stage, "iteration": iteration}
        values = {"channel_id": channel, "provenance": str(provenance), "passed": bool(report["passed"]), "report": dict(report)}
        statement = insert(SamenessCheckRecord).values(**key, **values)
        self.session.execute(statement.on_conflict_do_update(index_elements=[*key], set_=values))

    def budget(self, channel_id: str, provenance: str, window: int = 10) -> Budget:
        """Return how a channel's newest first drafts kept to its limits; what the planner reads."""
        return self.budgets([channel_id], provenance, window)[channel_id]

    def budgets(self, channel_ids: Sequence[str], provenance: str, window: int = 10) -> dict[str, Budget]:
        """Return the budgets of several channels, by channel, in one reading."""
        check = SamenessCheckRecord
        of = (check.channel_id.in_(channel_ids), check.provenance == str(provenance), check.stage == "script")
        draft = func.row_number().over(partition_by=check.run_id, order_by=check.iteration).label("draft")
        every = select(check.channel_id, check.run_id, check.passed, check.created_at, draft).where(*of).subquery()
        drafts = select(every).where(every.c.draft == 1).subquery()
        newest = func.row_number().over(partition_by=drafts.c.channel_id, order_by=(drafts.c.created_at.desc(), drafts.c.run_id)).label("newest")
        ranked = select(drafts.c.channel_id, drafts.c.passed, newest).subquery()
        rows = self.session.execute(select(ranked.c.channel_id, ranked.c.passed).where(ranked.c.newest <= window).order_by(ranked.c.newest))
        passed: dict[str, list[bool]] = {channel_id: [] for channel_id in channel_ids}
        for channel_id, kept in rows:
            passed[channel_id].append(kept)
        return {channel_id: budget_of(kept) for channel_id, kept in passed.items()}

    def find_check(self, run_id: str, stage: str, iteration: int) -> dict[str, Any] | None:
        """Return what one measurement of a run found, if it was made."""
        found = self.session.get(SamenessCheckRecord, (run_id, stage, iteration), populate_existing=True)
        return None if found is None else found.report

    def checks(self, channel_id: str, provenance: str | None = None, limit: int = 20) -> tuple[SamenessCheckRecord, ...]:
        """Return a channel's newest measurements, newest first."""
        statement = select(SamenessCheckRecord).where(SamenessCheckRecord.channel_id == channel_id)
        if provenance is not None:
            statement = statement.where(SamenessCheckRecord.provenance == str(provenance))
        order = (SamenessCheckRecord.created_at.desc(), SamenessCheckRecord.run_id, SamenessCheckRecord.iteration.desc(), SamenessCheckRecord.stage)
        return tuple(self.session.scalars(statement.order_by(*order).limit(limit)))
