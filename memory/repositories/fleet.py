"""Questions about the productions that the stack drives: which can be driven, which have lost their slot, what is to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import bindparam, func, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Session

from memory.ledger import REHEARSED
from memory.records.costs import CostEntryRecord
from memory.records.publications import PublicationRecord
from memory.records.runs import RunRecord
from memory.records.slots import SlotRecord

STOPPED = "run.stopped"
GIVEN_UP = "run.given_up"
PAUSED = "run.paused"
RESUMED = "run.resumed"

# A run that waits can be driven once nobody is asked any more; one that was stopped rests longer each time it was, 15 minutes at most. Who resumes a
# run begins the count anew.
_DRIVABLE = text(
    """
    select runs.id, runs.autonomous_run_id, slots.id as slot_id, runs.status
    from runs
    left join slots on slots.production_run_id = runs.id
    left join lateral (
        select count(*) as times, max(created_at) as last from run_events where run_id = runs.id and kind = 'run.stopped'
            and seq > coalesce((select max(seq) from run_events where run_id = runs.id and kind = 'run.resumed'), 0)
    ) as stops on true
    where runs.finished_at is null and runs.status <> 'paused' and runs.stop_reason is null and (runs.autonomous_run_id is not null or runs.conducted)
        and (runs.lease_expires_at is null or runs.lease_expires_at <= now() or runs.lease_owner = any(:gone))
        and (slots.status is null or slots.status in ('launched', 'asked'))
        and (runs.status = 'running' or not exists (select 1 from approvals where approvals.run_id = runs.id and approvals.status = 'pending'))
        and (stops.times = 0 or stops.last + least(interval '15 minutes', interval '15 seconds' * power(2, least(stops.times, 8))) <= now())
    order by coalesce(slots.priority, 1) desc, slots.publish_at nulls last, runs.created_at, runs.id
    """
).bindparams(bindparam("gone", type_=ARRAY(TEXT)))

# Newest first; what else happens to a run in between, such as a takeover, says nothing of its trouble.
_STOPS = text(
    """
    select kind, payload ->> 'reason' as reason, payload ->> 'message' as message from run_events
    where run_id = :run and kind in ('run.stopped', 'run.resumed', 'run.given_up', 'run.waiting') order by seq desc limit 100
    """
)

_UNWANTED = text(
    """
    select runs.id, slots.history -> -1 ->> 'note' as reason
    from runs join slots on slots.autonomous_run_id = runs.autonomous_run_id
        and slots.history @> jsonb_build_array(jsonb_build_object('run', runs.id))
    where runs.finished_at is null and (cast(:run as text) is null or runs.autonomous_run_id = :run)
        and (slots.status not in ('launched', 'asked') or slots.production_run_id <> runs.id)
    order by runs.id
    """
)


@dataclass(frozen=True)
class Drivable:
    """A production that nobody drives and that could go on."""

    run_id: str
    autonomous_run_id: str | None
    slot_id: str | None
    status: str


@dataclass(frozen=True)
class Stopped:
    """A production that is to be ended, why, and the person who wants it, where one does."""

    run_id: str
    reason: str
    by: str | None = None


@dataclass(frozen=True)
class Production:
    """How a production stands: its row's status and ending, what it is about, how often it was stopped, on which approval it waits, what it published."""

    run_id: str
    status: str
    outcome: dict[str, Any] | None
    error: dict[str, Any] | None
    topic: str
    title: str
    stops: int
    stopped_by: str
    asked: str | None
    publication: PublicationRecord | None


class FleetRepository:
    """Reads over runs, slots, approvals and publications together."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def list_drivable(self, gone: Sequence[str] = ()) -> tuple[Drivable, ...]:
        """Return productions to drive, most urgent first. `gone` are holders of leases that are known to have ended."""
        return tuple(Drivable(row.id, row.autonomous_run_id, row.slot_id, row.status) for row in self.session.execute(_DRIVABLE, {"gone": list(gone)}))

    def list_unwanted(self, autonomous_run_id: str | None = None) -> tuple[tuple[str, str], ...]:
        """Return unfinished productions whose slot has come to an end without them, each with why, of one autonomous run or of all."""
        return tuple((row.id, row.reason) for row in self.session.execute(_UNWANTED, {"run": autonomous_run_id}))

    def list_stopped(self) -> tuple[Stopped, ...]:
        """Return unfinished productions that a person wants to end."""
        wanted = (RunRecord.finished_at.is_(None), RunRecord.stop_reason.is_not(None))
        rows = self.session.execute(select(RunRecord.id, RunRecord.stop_reason, RunRecord.stopped_by).where(*wanted).order_by(RunRecord.id))
        return tuple(Stopped(run_id, str(reason), by) for run_id, reason, by in rows)

    def same_stops(self, run_id: str) -> tuple[int, str]:
        """Return how many times in a row a production was stopped by the same trouble since somebody last resumed it, and what that said."""
        rows = self.session.execute(_STOPS, {"run": run_id}).all()
        since = list(takewhile(lambda row: row.kind == STOPPED, rows))
        same = list(takewhile(lambda row: row.reason == since[0].reason, since))
        return len(same), str(same[0].message or same[0].reason) if same else ""

    def list_holders(self) -> tuple[str, ...]:
        """Return who holds leases of unfinished productions that the stack drives or is to end."""
        ours = or_(RunRecord.autonomous_run_id.is_not(None), RunRecord.conducted, RunRecord.stop_reason.is_not(None))
        held = select(RunRecord.lease_owner).where(RunRecord.finished_at.is_(None), ours, RunRecord.lease_owner.is_not(None))
        return tuple(owner for owner in self.session.scalars(held.distinct()) if owner)

    def production(self, run_id: str) -> Production:
        """Return how a production stands."""
        row = self.session.execute(
            text(
                """
                select runs.status, runs.outcome, runs.error, coalesce(videos.topic, '') as topic, coalesce(videos.title, '') as title,
                    (select count(*) from run_events where run_id = runs.id and kind = 'run.stopped') as stops,
                    (select payload ->> 'reason' from run_events where run_id = runs.id and kind = 'run.stopped' order by seq desc limit 1) as stopped_by,
                    (select id from approvals where run_id = runs.id and status = 'pending' order by created_at desc limit 1) as asked
                from runs left join videos on videos.id = runs.video_id where runs.id = :run
                """
            ),
            {"run": run_id},
        ).one()
        published = self.session.scalar(select(PublicationRecord).filter_by(key=run_id).execution_options(populate_existing=True))
        values = {name: getattr(row, name) for name in ("status", "outcome", "error", "topic", "title", "stops", "asked")}
        return Production(run_id=run_id, **values, stopped_by=row.stopped_by or "", publication=published)

    def list_unsent(self, run_ids: Sequence[str]) -> tuple[str, ...]:
        """Return those of the given productions that are being made and whose upload the platform has not begun to take."""
        begun = select(PublicationRecord.run_id).where(PublicationRecord.run_id.in_(run_ids), PublicationRecord.state != "intent")
        statement = select(RunRecord.id).where(RunRecord.id.in_(run_ids), RunRecord.finished_at.is_(None), RunRecord.id.not_in(begun))
        return tuple(self.session.scalars(statement.order_by(RunRecord.id))) if run_ids else ()

    def slots_of_task(self, task_id: str) -> tuple[SlotRecord, ...]:
        """Return the slots that serve or served a task, oldest first."""
        return tuple(self.session.scalars(select(SlotRecord).filter_by(task_id=task_id).order_by(SlotRecord.created_at, SlotRecord.id)))

    def costs_microusd(self, run_ids: Sequence[str]) -> dict[str, int]:
        """Return what each production has cost so far; one that cost nothing is left out."""
        statement = select(CostEntryRecord.run_id, func.sum(CostEntryRecord.counted_microusd)).where(CostEntryRecord.run_id.in_(run_ids))
        return {str(run_id): int(total) for run_id, total in self.session.execute(statement.group_by(CostEntryRecord.run_id))}

    def spent_microusd(self, autonomous_run_id: str) -> int:
        """Return what the productions of an autonomous run have cost or may still cost by calls that are open."""
        mine = select(RunRecord.id).where(RunRecord.autonomous_run_id == autonomous_run_id)
        total = select(func.coalesce(func.sum(CostEntryRecord.counted_microusd), 0)).where(CostEntryRecord.run_id.in_(mine))
        return int(self.session.scalar(total) or 0)

    def list_to_show(self, limit: int = 20) -> tuple[PublicationRecord, ...]:
        """Return publications of the library whose time has come and that are not shown yet, the longest due first."""
        waiting = (PublicationRecord.publisher == "library", PublicationRecord.state == "verified", PublicationRecord.published_at <= func.now())
        hidden = PublicationRecord.details.has_key("publish_at") & ~PublicationRecord.details.has_key("shown")
        statement = select(PublicationRecord).where(*waiting, hidden).order_by(PublicationRecord.published_at, PublicationRecord.id)
        return tuple(self.session.scalars(statement.limit(limit)))

    def published_since(self, channel_ids: Sequence[str], since: datetime) -> dict[str, tuple[datetime, ...]]:
        """Return when each channel's publications were or will be shown from `since` on, what was pulled back included: the platform counted it."""
        done = PublicationRecord.published_at.is_not(None) & (PublicationRecord.published_at >= since)
        real = PublicationRecord.provenance.not_in(sorted(REHEARSED))
        columns = (PublicationRecord.channel_id, PublicationRecord.published_at)
        rows = self.session.execute(select(*columns).where(PublicationRecord.channel_id.in_(channel_ids), done, real).order_by(PublicationRecord.published_at))
        shown: dict[str, list[datetime]] = {channel_id: [] for channel_id in channel_ids}
        for channel_id, moment in rows:
            shown[channel_id] += [moment] if moment else []
        return {channel_id: tuple(moments) for channel_id, moments in shown.items()}
