"""The book of runs: what the orchestrator reads and writes, each call one transaction in a thread."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from graphs.beginning import begin_run, expected
from graphs.context import Studio
from graphs.inbox import Inbox, Waiting
from graphs.request import ProductionRequest
from graphs.state import Outcome, ProductionState
from graphs.troubles import PASSING
from infra.database import Database
from infra.settings import Settings
from memory.media_shared import open_media
from memory.personality_changes import effective_personality
from memory.records.runs import RunRecord
from memory.repositories.approvals import ApprovalRepository
from memory.repositories.fleet import STOPPED
from memory.repositories.jobs import JobRepository, JobView
from memory.repositories.run_events import RunEventRepository
from memory.repositories.runs import RunLease, RunRepository
from memory.repositories.videos import VideoRepository
from tools.call import ToolCaller

T = TypeVar("T")
# Nodes that keep some of their jobs under another name.
_JOBS_BESIDE = {"publish": ("remember",), "review": ("sameness.script",)}


class RunBook:
    """The rows of every run."""

    def __init__(self, settings: Settings, database: Database, caller: ToolCaller) -> None:
        self.settings = settings
        self.database = database
        self.store = open_media(settings)
        self.inbox = Inbox(database, self.store)
        self.caller = caller

    async def create(self, request: ProductionRequest) -> str:
        """Write down a new run and return its id; raises what `begin_run` raises."""

        def write() -> str:
            with self.database.unit_of_work() as session:
                return begin_run(session, self.settings, request).id

        return await asyncio.to_thread(write)

    async def studio(self, run_id: str, lease: RunLease | None = None) -> Studio:
        """Return the studio as that run sees it; with its lease, what the run writes is fenced by it."""

        def read() -> Studio:
            with self.database.unit_of_work() as session:
                run = RunRepository(session).get(run_id)
                request = ProductionRequest.model_validate(run.request)
                return Studio(
                    run_id=run_id,
                    channel_id=run.channel_id,
                    request=request,
                    personality=effective_personality(request.channel, run.personality),
                    changes=run.personality,
                    settings=self.settings.model_copy(update={"network": "off"}) if request.offline else self.settings,
                    database=self.database,
                    store=self.store,
                    caller=self.caller,
                    provenance=expected(request, self.settings),
                    lease=lease,
                )

        return await asyncio.to_thread(read)

    async def list_unfinished(self) -> tuple[RunRecord, ...]:
        """Return every run without an ending, oldest first."""

        def read() -> tuple[RunRecord, ...]:
            with self.database.unit_of_work() as session:
                return RunRepository(session).list_unfinished()

        return await asyncio.to_thread(read)

    async def list_newest(self, limit: int = 50) -> list[dict[str, Any]]:
        """Return the newest runs, as `ytempire runs` lists them."""

        def listed(run: RunRecord, videos: VideoRepository) -> dict[str, Any]:
            video = videos.get(run.video_id) if run.video_id else None
            return {
                "run_id": run.id,
                "channel": run.channel_id,
                "status": run.status,
                "created": run.created_at.isoformat(),
                "topic": video.topic if video else run.request.get("topic"),
                "title": video.title if video else "",
                "provenance": run.provenance,
                "reasons": (run.outcome or {}).get("reasons", []),
            }

        def read() -> list[dict[str, Any]]:
            with self.database.unit_of_work() as session:
                videos = VideoRepository(session)
                return [listed(run, videos) for run in RunRepository(session).list_(limit=limit).items]

        return await asyncio.to_thread(read)

    async def claim(self, run_id: str, owner: str, ttl_s: float, gone: str | None = None, *, also_paused: bool = False) -> RunLease:
        """Take the run's lease, also from `gone`, an owner that has ended; raises RunBusy, RunFinished and, unless it is taken `also_paused`, RunPaused."""
        return await self._runs(lambda runs: runs.claim_lease(run_id, owner, ttl_s, gone, also_paused=also_paused))

    async def renew(self, lease: RunLease, ttl_s: float) -> None:
        """Extend the lease; raises RunLeaseLost."""
        await self._runs(lambda runs: runs.renew(lease, ttl_s))

    async def ended_by(self, lease: RunLease) -> bool:
        """Whether the run has ended, and under this very lease."""
        run = await self._runs(lambda runs: runs.get(lease.run_id))
        return run.finished_at is not None and run.lease_token == lease.token

    async def release(self, lease: RunLease) -> None:
        """Give the lease back."""
        await self._runs(lambda runs: runs.release(lease))

    async def mark_running(self, lease: RunLease) -> None:
        """Record that the run works."""
        await self._runs(lambda runs: runs.mark_running(lease))

    async def mark_waiting(self, lease: RunLease, waiting: Waiting) -> None:
        """Record that the run waits for a person, and tell whoever watches, once."""

        def write() -> None:
            with self.database.unit_of_work() as session:
                runs = RunRepository(session)
                asked_before = runs.get(lease.run_id).status == "waiting"
                runs.mark_waiting(lease)
                if not asked_before:
                    RunEventRepository(session).append(lease.run_id, "run.waiting", {"gate": waiting.gate, "approval": waiting.approval_id})

        await asyncio.to_thread(write)

    async def finish(self, lease: RunLease, state: ProductionState, outcome: Outcome, error: dict[str, Any] | None = None) -> None:
        """End the run with its outcome; the final state is kept in the row, so that checkpoints can be pruned."""
        kept = {**outcome, "state": {key: value for key, value in state.items() if key != "outcome"}}

        def write() -> None:
            with self.database.unit_of_work() as session:
                RunRepository(session).mark_finished(lease, outcome["status"], kept, error)
                RunEventRepository(session).append(lease.run_id, f"run.{outcome['status']}", {"reasons": outcome["reasons"]})

        await asyncio.to_thread(write)

    async def note_stopped(self, lease: RunLease, code: str, message: str) -> None:
        """Record that passing trouble stopped the run, so that whoever goes on with it knows how often and since when."""

        def write() -> None:
            with self.database.unit_of_work() as session:
                RunRepository(session).verify_lease(lease)
                RunEventRepository(session).append(lease.run_id, STOPPED, {"reason": code, "message": message[:1000]})

        await asyncio.to_thread(write)

    async def close_questions(self, run_id: str, by: str) -> int:
        """Close what a run still asks people, since it ends without an answer; returns how many requests that were."""

        def write() -> int:
            with self.database.unit_of_work() as session:
                return ApprovalRepository(session).close(run_id, by)

        return await asyncio.to_thread(write)

    async def find_outcome(self, run_id: str) -> dict[str, Any] | None:
        """Return how a run ended, with its final state; None while it has not. Raises RunMissing."""
        return await self._runs(lambda runs: runs.get(run_id).outcome)

    async def list_finished(self, run_ids: Sequence[str]) -> tuple[str, ...]:
        """Return those of the given runs that have ended."""

        def ended(runs: RunRepository) -> tuple[str, ...]:
            found = {run_id: runs.find(run_id) for run_id in run_ids}
            return tuple(run_id for run_id, run in found.items() if run is not None and run.finished_at is not None)

        return await self._runs(ended)

    async def cancel_jobs(self, run_id: str) -> int:
        """Cancel what the run still has under way, so that no job of it, such as an upload that waits for quota, outlives it; returns how many."""

        def write() -> int:
            with self.database.unit_of_work() as session:
                jobs = JobRepository(session)
                return sum(jobs.cancel(job.id) for job in jobs.list_of_run(run_id) if not job.is_terminal)

        return await asyncio.to_thread(write)

    async def replay_dead_jobs(self, run_id: str, nodes: Sequence[str]) -> int:
        """Queue again what died of trouble that may pass in the nodes that run next; returns how many.

        A job that died of its input is left dead: its agent took that for an answer, and must find the same answer again.
        """
        wanted = {part for node in nodes for part in (node, f"{node}.gather", *_JOBS_BESIDE.get(node, ()))}

        def write() -> int:
            with self.database.unit_of_work() as session:
                jobs = JobRepository(session)
                of_run = [job for job in jobs.list_of_run(run_id) if job.state == "dead" and job.node in wanted]
                dead = [job for job in of_run if (job.error or {}).get("code") in PASSING]
                for job in dead:
                    jobs.replay(job.id)
                return len(dead)

        return await asyncio.to_thread(write)

    async def jobs(self, run_id: str) -> tuple[JobView, ...]:
        """Return every job of a run."""

        def read() -> tuple[JobView, ...]:
            with self.database.unit_of_work() as session:
                return JobRepository(session).list_of_run(run_id)

        return await asyncio.to_thread(read)

    async def _runs(self, work: Callable[[RunRepository], T]) -> T:
        def in_thread() -> T:
            with self.database.unit_of_work() as session:
                return work(RunRepository(session))

        return await asyncio.to_thread(in_thread)
