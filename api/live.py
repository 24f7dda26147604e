"""The live view of a run: six agents, their decisions, job progress, cost and time left, as lines or as a table that redraws."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from api.workshop import Workshop
from graphs.export import MICRO
from infra.clock import SYSTEM_CLOCK
from infra.database import DatabaseUnavailable
from memory.artifacts import Decision, Provenance
from memory.ledger import Ledger
from memory.repositories.decisions import DecisionRepository
from memory.repositories.jobs import JobRepository, JobView
from memory.repositories.runs import RunRepository

AGENTS = ("trend_scout", "scriptwriter", "voice_director", "thumbnail_designer", "crisis_monitor", "publisher", "production")
# Share of a usual run's time that has passed when a stage begins, on two cores; only for the estimate of time left.
_STAGE_BEGINS = {
    "scout": 0.0,
    "write": 0.06,
    "narrate": 0.10,
    "design_thumbnail": 0.2,
    "illustrate": 0.2,
    "render": 0.45,
    "inspect": 0.9,
    "prepare": 0.97,
    "publish": 0.98,
}
_LOOK_S = 0.5
_LONGEST = "render_video"
# One of these per shot or idea: they stand in decisions.json.
_UNTOLD = ("What is seen", "What could the thumbnail say", "Shot")
FELL_BACK = "no network answered: the story comes from the demo corpus that ships with the studio, and everything made from it is labelled demo"


@dataclass
class Seen:
    """What the view has shown so far."""

    jobs: tuple[JobView, ...] = ()
    decisions: tuple[Decision, ...] = ()
    cost_usd: float = 0.0
    fell_back_to_demo: bool = False
    told: set[str] = field(default_factory=set)


@asynccontextmanager
async def live_view(workshop: Workshop, run_id: str, console: Console) -> AsyncIterator[None]:
    """Show the run on `console` while the block runs; on a terminal it redraws, elsewhere it adds lines."""
    task = asyncio.create_task(_show(workshop, run_id, console))
    try:
        yield
        await asyncio.sleep(_LOOK_S)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _show(workshop: Workshop, run_id: str, console: Console) -> None:
    seen, started = Seen(), SYSTEM_CLOCK.monotonic()
    if not console.is_terminal:
        while True:
            await _look(workshop, run_id, seen)
            for line in news(seen):
                console.print(f"[{SYSTEM_CLOCK.monotonic() - started:6.1f} s] {line}", markup=False, highlight=False, soft_wrap=True)
            await asyncio.sleep(_LOOK_S)
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        while True:
            await _look(workshop, run_id, seen)
            for line in news(seen):
                live.console.print(Text(line))
            live.update(_table(seen, SYSTEM_CLOCK.monotonic() - started))
            await asyncio.sleep(_LOOK_S)


async def _look(workshop: Workshop, run_id: str, seen: Seen) -> None:
    def read() -> None:
        with workshop.database.unit_of_work() as session:
            seen.jobs = JobRepository(session).list_of_run(run_id)
            seen.decisions = DecisionRepository(session).list_(run_id)
            seen.cost_usd = Ledger(session).total_microusd(run_id=run_id) / MICRO
            run = RunRepository(session).get(run_id)
            seen.fell_back_to_demo = run.provenance == Provenance.DEMO and not run.request["offline"]

    try:
        await asyncio.to_thread(read)
    except DatabaseUnavailable:
        return


def news(seen: Seen) -> list[str]:
    """Return what is new since the last look: stages that began, rendering every tenth, failures, and the decisions worth a line."""
    found = [("demo", FELL_BACK)] if seen.fell_back_to_demo else []
    found += [_of_decision(decision) for decision in seen.decisions if not decision.question.startswith(_UNTOLD)]
    found += [told for job in seen.jobs for told in _of_job(job)]
    new = {mark: line for mark, line in found if mark not in seen.told}
    seen.told |= new.keys()
    return list(new.values())


def _of_job(job: JobView) -> list[tuple[str, str]]:
    """Return what there is to tell about a job, each with the mark under which it is told once."""
    stage, agent, tool = f"{job.node}.{job.iteration}", job.agent.replace("_", " "), job.tool.replace("_", " ")
    if job.state in {"dead", "quarantined"}:
        return [(job.id, f"{tool} failed: {(job.error or {}).get('message', job.state)}")]
    if job.state != "running":
        return []
    tenth = int(job.progress * 10) * 10
    told = [(f"start {stage}", f"{agent}: {tool} ...")]
    return told + ([(f"{stage} {tenth}", f"{agent}: {tool} {tenth} % {job.progress_note}".rstrip())] if job.tool == _LONGEST and tenth else [])


def _of_decision(decision: Decision) -> tuple[str, str]:
    """Return the line of a decision; the same question asked again in a later revision is told when its answer is another."""
    reason = f" ({decision.reasons[0]})" if decision.reasons else ""
    line = f"{decision.agent.replace('_', ' ')}: {decision.question} -> {decision.choice}{reason}"
    return f"{decision.agent} {decision.question} {decision.choice}", line


def _table(seen: Seen, elapsed_s: float) -> Group:
    table = Table(box=None, pad_edge=False)
    for heading in ("agent", "doing", "progress"):
        table.add_column(heading)
    for agent in AGENTS:
        jobs = [job for job in seen.jobs if job.agent == agent]
        running = [job for job in jobs if job.state == "running"]
        done = sum(job.state == "done" for job in jobs)
        doing = ", ".join(sorted({f"{job.tool} {job.progress_note}".strip() for job in running})) or ("done" if jobs else "")
        share = sum(job.progress for job in running)
        table.add_row(agent.replace("_", " "), escape(doing[:70]), f"{(done + share) / len(jobs):4.0%} of {len(jobs)} jobs" if jobs else "")
    left = time_left_s(seen.jobs, elapsed_s)
    footer = f"{elapsed_s:.0f} s, cost ${seen.cost_usd:.2f}" + (f", about {left:.0f} s left" if left is not None else "")
    return Group(table, Text(footer))


def time_left_s(jobs: tuple[JobView, ...], elapsed_s: float) -> float | None:
    """Estimate the seconds left from the furthest stage and its progress; None before there is anything to go by."""
    reached = [(begins, stage) for stage, begins in _STAGE_BEGINS.items() if any(job.node.removesuffix(".gather") == stage and job.started_at for job in jobs)]
    if not reached:
        return None
    begins, stage = max(reached)
    ends = min((later for later in (*_STAGE_BEGINS.values(), 1.0) if later > begins), default=1.0)
    of_stage = [job for job in jobs if job.node.removesuffix(".gather") == stage]
    share = begins + (ends - begins) * sum(1.0 if job.is_terminal else job.progress for job in of_stage) / len(of_stage)
    return elapsed_s * (1 - share) / share if share > 0.05 else None
