"""`/v1/system`."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.findings import findings_of
from api.http.principal import Principal, Require
from api.http.state import State
from api.http.versions import answer
from api.settings.desk import ensure_of_the_studio
from memory.reads.waiting import WaitingReads
from memory.repositories.gauges import GaugeRepository
from memory.repositories.vitals import VitalsRepository

router = APIRouter(tags=["system"])
Reader = Annotated[Principal, Require("metrics:read")]
_WORKER_ALIVE_S = 60.0


class ApprovalsWaiting(BaseModel):
    """Decisions that wait for a person, and the age of the oldest."""

    waiting: int
    oldest_s: int


class TasksOpen(BaseModel):
    """Tasks for videos that no run has taken, and that one has."""

    queued: int
    planned: int


class RunsOpen(BaseModel):
    """Productions in the making, those that wait for a person, and those that are paused."""

    making: int
    waiting: int
    paused: int


class IncidentsOpen(BaseModel):
    """Incidents that are not resolved."""

    unresolved: int
    critical: int


class ChannelsHeld(BaseModel):
    """Channels, and how many of them are paused."""

    all: int
    paused: int


class Waiting(BaseModel):
    """What waits, in the figures that a dashboard shows first."""

    approvals: ApprovalsWaiting
    tasks: TasksOpen
    runs: RunsOpen
    autonomous_runs: int
    dead_letters: int
    incidents: IncidentsOpen
    channels: ChannelsHeld


class Queue(BaseModel):
    """One queue: jobs that could be worked on and wait, jobs under way, workers, and for how long the oldest job waits."""

    queue: str
    waiting: int
    flying: int
    workers: int
    oldest_s: float


class Finding(BaseModel):
    """What one check of the watchdog last said; `age_s` is how old those words are."""

    name: str
    status: str
    said: str
    fix: str
    reading: dict[str, Any]
    since: datetime
    at: datetime
    age_s: int


class Brake(BaseModel):
    """What the watchdog holds back for a while."""

    scope: str
    reason: str
    until: datetime


class Pulse(BaseModel):
    """A lasting process: for how long it was not heard of, and how much it had done then."""

    silent_s: float
    work: str | None


class Health(BaseModel):
    """How the studio fares. `backup_age_s` is null where no backup was ever begun."""

    worst: str
    findings: list[Finding]
    brakes: list[Brake]
    processes: dict[str, Pulse]
    queues: list[Queue]
    backup_age_s: float | None
    spent_today_usd: float
    database_connections: int


@router.get("/v1/system/waiting", response_model=Waiting)
async def system_waiting(request: Request, state: State, who: Reader) -> Response:
    """Return what waits: decisions, tasks, runs, dead letters, incidents."""
    return answer(request, await WaitingReads(state.reads, who.tenant_id).summary())


@router.get("/v1/system/health", response_model=Health)
def system_health(request: Request, state: State, who: Reader) -> Response:
    """Return how the studio itself fares: what the watchdog found, processes, queues, money and backups."""
    ensure_of_the_studio(who, "metrics:read")
    with state.studio.unit_of_work() as session:
        found, vitals, single = findings_of(session), VitalsRepository(session), GaugeRepository(session).single()
        told = {"worst": found["worst"], "findings": found["findings"], "brakes": found["brakes"], "processes": found["heartbeats"]}
        told |= {"queues": [asdict(one) for one in vitals.queues(_WORKER_ALIVE_S)], "backup_age_s": vitals.backup_age_s()}
    told |= {"spent_today_usd": round(single["spent_today"], 6), "database_connections": int(single["connections"])}
    return answer(request, orjson.dumps(told))
