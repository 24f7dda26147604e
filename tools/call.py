"""The one way to use a tool: write a job under a key, wait for its row to change, return its typed result."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from infra.clock import SYSTEM_CLOCK
from infra.database import Database, DatabaseUnavailable
from infra.errors import Invalid, StudioError
from infra.events import EventBus, Watch
from infra.ids import json_digest, new_id
from infra.log import get_logger
from infra.queues import JobTransport, Transport, TransportDown
from infra.room import scarcity
from infra.settings import Settings
from memory.artifacts import Provenance
from memory.repositories.audit import AuditRepository
from memory.repositories.job_dispatch import DispatchRepository, SentJob
from memory.repositories.jobs import TERMINAL, JobMissing, JobRepository, JobView, NewJob
from tools.allowlist import ALLOWED, AllowList, ToolDenied, ensure_allowed
from tools.base import Args, Result, ToolSpec
from tools.queue_names import queue_of

URGENT, HIGH, NORMAL = 10, 5, 1
_SWEEP_S = 5.0
# So many sweeps in a row a job may wait on a full disk, which a temporary file of somebody's may have filled.
_FULL_LOOKS = 3
_DATABASE_PAUSE_S = 0.25
_DATABASE_PATIENCE_S = 120.0
A = TypeVar("A", bound=Args)
R = TypeVar("R", bound=Result)
X = TypeVar("X")
Y = TypeVar("Y")
_log = get_logger("call")


class JobFailed(StudioError):
    """The job ended without a result. `reason` is the code of the error the tool raised, `state` how the job ended."""

    code = "job_failed"

    def __init__(self, job: JobView) -> None:
        error = job.error or {}
        self.reason = str(error.get("code", job.state))
        self.tool = job.tool
        self.job_id = job.id
        self.state = job.state
        message = str(error.get("message", f"the job was {job.state}"))
        super().__init__(f"{job.tool}: {message}", reason=self.reason, job_id=job.id, state=job.state, attempts=job.attempts)


@dataclass(frozen=True)
class JobKey:
    """What makes a call the same call when its node runs again."""

    run_id: str
    node: str
    iteration: int
    ordinal: int


@dataclass(frozen=True)
class RunScope:
    """On whose behalf a call is made. `priority` is URGENT, HIGH or NORMAL.

    A job that puts itself off, for a quota or a switch, is waited for until it runs, for hours if need be; with `patience_s` only so long: then it is
    withdrawn, and the call fails with what held it back.
    """

    run_id: str
    channel_id: str | None = None
    provenance: Provenance = Provenance.REAL
    seed: int = 0
    priority: int = NORMAL
    patience_s: float | None = None


class ToolCaller:
    """Calls tools through the job kernel. It holds nothing that the jobs table does not: a new caller finds the same results.

    `transport` carries ids to idle workers; without one it is the Redis of the settings, if they name one.
    """

    def __init__(self, database: Database, events: EventBus, settings: Settings, allowed: AllowList = ALLOWED, transport: Transport | None = None) -> None:
        self._database = database
        self._events = events
        self._settings = settings
        self._allowed = allowed
        self._transport = transport or (JobTransport(settings.redis_url) if settings.redis_url else None)

    async def call(self, spec: ToolSpec[A, R], args: A, *, key: JobKey, agent: str, run: RunScope) -> R:
        """Run a tool as a job and return its result; the same key with the same input returns the stored result at once.

        Raises ToolDenied (the agent may not), JobKeyReused (the key holds another input), QueueUnserved (no worker would
        ever run it), JobFailed (it ran and ended without a result) and DiskFull (nothing can run).
        """
        await self._ensure_callable(spec, args, agent)
        wanted = replace(job_of(spec, args, key, agent, run), queue=queue_of(spec, self._settings))
        while True:
            try:
                return _outcome(spec, await self._settled(wanted, run.patience_s))
            except JobMissing:
                # Postgres crashed before the admission reached its disk, and so before any worker could claim the job.
                _log.warning("job.readmitted", job_id=wanted.id, run_id=key.run_id)

    async def submit(self, spec: ToolSpec[A, R], args: A, *, key: JobKey, agent: str, run: RunScope) -> JobView:
        """Admit a tool's job and return it without waiting for its end; raises what `call` raises before one runs."""
        await self._ensure_callable(spec, args, agent)
        return await self._patiently(self._admit, replace(job_of(spec, args, key, agent, run), queue=queue_of(spec, self._settings)))

    async def _settled(self, wanted: NewJob, patience_s: float | None) -> JobView:
        with self._events.watch(wanted.id, TERMINAL) as watch:
            job = await self._patiently(self._admit, wanted)
            if job.id == wanted.id or job.is_terminal:
                return await self._finished(job, watch, patience_s)
        with self._events.watch(job.id, TERMINAL) as watch:
            return await self._finished(await self._patiently(self._read, job.id), watch, patience_s)

    async def _ensure_callable(self, spec: ToolSpec[A, R], args: A, agent: str) -> None:
        if not isinstance(args, spec.args):
            raise Invalid(f"{spec.name} takes {spec.args.__name__}, not {type(args).__name__}", tool=spec.name)
        try:
            ensure_allowed(agent, spec.name, self._allowed)
        except ToolDenied as denied:
            _log.warning("tool.denied", agent=agent, tool=spec.name)
            await self._patiently(self._audit, denied)
            raise

    async def _finished(self, job: JobView, watch: Watch, patience_s: float | None) -> JobView:
        """Wait for the job's end. Raises DiskFull for one that nobody runs while the disk is full: its workers then die as they start."""
        looks_left = _FULL_LOOKS
        until = None if patience_s is None else SYSTEM_CLOCK.now() + timedelta(seconds=patience_s)
        while not job.is_terminal:
            await watch.changed(_SWEEP_S)
            job = await self._patiently(self._read, job.id)
            if until is not None and _is_put_off(job, until):
                await self._patiently(self._withdraw, job.id)
                job = await self._patiently(self._read, job.id)
            full = None if job.is_terminal or _is_run(job) else scarcity(self._settings.home)
            looks_left = _FULL_LOOKS if full is None else looks_left - 1
            if full is not None and looks_left == 0:
                raise full
        return job

    async def _patiently(self, work: Callable[[X], Y], argument: X) -> Y:
        """Do database work in a thread; a server that restarts is waited for, since the key makes admission repeatable.

        On a full disk none does: then the error is raised at once, for a person to make room.
        """
        gives_up_at = SYSTEM_CLOCK.monotonic() + _DATABASE_PATIENCE_S
        while True:
            try:
                return await asyncio.to_thread(work, argument)
            except DatabaseUnavailable:
                if SYSTEM_CLOCK.monotonic() > gives_up_at or scarcity(self._settings.home) is not None:
                    raise
                await asyncio.sleep(_DATABASE_PAUSE_S)

    def _audit(self, denied: ToolDenied) -> None:
        with self._database.unit_of_work() as session:
            AuditRepository(session).append(str(denied.details["agent"]), "tool.denied", str(denied.details["tool"]), {"message": denied.message})

    def _admit(self, job: NewJob) -> JobView:
        """Admit the job; one that finds an idle worker and nobody waiting goes straight to it, which spares the dispatcher's turn."""
        with self._database.one_statement() as session:
            admitted = JobRepository(session).admit(job, self._settings.job_lease_s, direct=self._transport is not None)
        if self._transport is not None and admitted.id == job.id and admitted.state == "dispatched":
            sent = SentJob(admitted.id, admitted.queue, admitted.attempts)
            try:
                self._transport.push(sent.queue, sent.entry, sent.id)
            except TransportDown as error:
                _log.warning("push.failed", job_id=job.id, error=error.message)
                with self._database.unit_of_work() as session:
                    DispatchRepository(session).mark_unsent([job.id])
        return admitted

    def _withdraw(self, job_id: str) -> None:
        with self._database.one_statement() as session:
            JobRepository(session).cancel(job_id)

    def _read(self, job_id: str) -> JobView:
        with self._database.one_statement() as session:
            return JobRepository(session).get(job_id)


def _is_put_off(job: JobView, until: datetime) -> bool:
    """Whether an attempt of the job ended without a result, and the next begins too late for who waits."""
    return job.state == "queued" and job.error is not None and max(job.next_attempt_at or until, SYSTEM_CLOCK.now()) > until


def _is_run(job: JobView) -> bool:
    """Whether a worker has the job: one that lost it on a full disk leaves it running for good, since nobody can write that its lease is over."""
    return job.state == "running" and (job.lease_expires_at is None or job.lease_expires_at > SYSTEM_CLOCK.now())


def job_of(spec: ToolSpec[A, R], args: A, key: JobKey, agent: str, run: RunScope) -> NewJob:
    """Return a call as a job that can be admitted; its queue is the one that the specification names."""
    values = args.model_dump(mode="json")
    return NewJob(
        id=new_id("job"),
        run_id=key.run_id,
        node=key.node,
        iteration=key.iteration,
        ordinal=key.ordinal,
        channel_id=run.channel_id,
        agent=agent,
        tool=spec.name,
        queue=spec.queue,
        args=values,
        input_hash=json_digest({"tool": spec.name, "args": values}),
        provenance=run.provenance,
        seed=run.seed,
        priority=run.priority,
        max_attempts=spec.max_attempts,
        timeout_s=spec.timeout_s,
    )


def _outcome(spec: ToolSpec[A, R], job: JobView) -> R:
    if job.state != "done" or job.result is None:
        raise JobFailed(job)
    return spec.result.model_validate(job.result)
