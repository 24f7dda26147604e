"""Starting an autonomous run over HTTP: the same readiness as the command's, for the channels of whoever asks."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from api import autonomous_runs
from api.auth.confirming import ensure_confirmed
from api.authority import ensure_level
from api.autonomous.schemas import NewAutonomousRun, RunChange
from api.autonomous_runs import Order
from api.http.principal import Principal
from api.http.refusals import NotAllowed
from api.http.state import ServiceState
from api.readiness import Problem, Readiness, ask_live, ensure_edit, look, missing_here
from graphs.autonomous_request import AutonomousRequest, read_request
from infra.database import Database, UnitOfWork
from infra.errors import Invalid
from infra.ids import canonical_json
from infra.settings import Settings
from memory.repositories.allowance import AllowanceRepository, PlanLimitReached
from memory.repositories.autonomous_runs import AutonomousRunRepository, ChannelsTaken
from memory.repositories.channels import ChannelMissing, ChannelRepository
from memory.repositories.keyset import MAX_PAGE
from tools.call import ToolCaller

# What lets a run publish more, or with less of a person's say: who changes it answers for the level that the run has then.
WIDENING = frozenset({"autonomy", "channels", "hours", "budget_usd", "videos", "missed"})


@dataclass(frozen=True)
class _Outside:
    """What asking outside needs."""

    settings: Settings
    database: Database
    caller: ToolCaller


async def start(state: ServiceState, who: Principal, asked: NewAutonomousRun, key: str | None) -> tuple[str, bytes]:
    """Start a run once everything it needs is there, and return its id and how it stands; raises NotReady, which names whatever lacks, and ChannelsTaken."""
    order = Order(key, who.tenant_id, who.user_id, report_to=_report_to(asked))
    request, known = await asyncio.to_thread(_known, state, who, asked, order)
    if known is not None:
        return known
    outside = _Outside(state.settings, state.studio, state.caller)
    ready = await look(state.settings, state.studio, request, await ask_live(outside, request))
    ready.ensure()
    return await asyncio.to_thread(_create, state, who, request, (order, ready))


async def readiness(state: ServiceState, who: Principal, asked: NewAutonomousRun, *, live: bool) -> bytes:
    """Return what a start would find now, and start nothing; those outside are asked only where `live` says so."""
    request, taken = await asyncio.to_thread(_would, state, who, asked)
    outside = _Outside(state.settings, state.studio, state.caller)
    lacking = await ask_live(outside, request) if live else missing_here(state.settings)
    found = await look(state.settings, state.studio, request, [*taken, *lacking])
    problems = [asdict(one) for one in found.problems]
    return orjson.dumps({"ready": not problems, "problems": problems, "plan": _plan(found), "notes": list(found.notes), "asked_outside": live})


def request_json(session: UnitOfWork, run_id: str, *, lock: bool = False) -> bytes:
    """Return what a run is asked for by now, locked for an edit where asked; raises AutonomousRunMissing."""
    runs = AutonomousRunRepository(session)
    if lock:
        runs.lock(run_id)
    run = runs.get(run_id)
    return canonical_json({"revision": run.revision, "request": run.request})


def edit(session: UnitOfWork, state: ServiceState, who: Principal, run_id: str, asked: RunChange) -> None:
    """Change what a run is asked for, checked as a start is.

    Raises what `autonomous_runs.edit` raises, LevelNotAllowed for a change that lets more go out freely, ConfirmationNeeded for a higher budget,
    ChannelMissing, and NotReady.
    """
    run, changes = AutonomousRunRepository(session).get(run_id), asked.changes
    before, after = read_request(run.request), read_request({**run.request, **changes})
    levels = _there(session, after.channels)
    if WIDENING & changes.keys():
        ensure_level(who, after.autonomy, levels)
    if after.budget_usd > before.budget_usd:
        ensure_confirmed(who, state.settings, f"budget_usd: more than the ${before.budget_usd:.2f} that the run has")
    changed = autonomous_runs.edit(session, run_id, changes, who.user_id)
    ensure_edit(session, state.settings, before, after, changed.starts_at)


def detail(session: UnitOfWork, run_id: str) -> bytes:
    """Return how a run stands; raises AutonomousRunMissing."""
    return orjson.dumps(autonomous_runs.describe(session, AutonomousRunRepository(session).get(run_id)))


def reports(session: UnitOfWork, run_id: str) -> bytes:
    """Return every report of a run; raises AutonomousRunMissing."""
    AutonomousRunRepository(session).get(run_id)
    names = ("id", "kind", "covers_from", "covers_to", "created_at", "text", "body")
    return orjson.dumps({"items": [{name: getattr(one, name) for name in names} for one in autonomous_runs.reports_of(session, run_id)]})


def _known(state: ServiceState, who: Principal, asked: NewAutonomousRun, order: Order) -> tuple[AutonomousRequest, tuple[str, bytes] | None]:
    with state.work(who) as session:
        request = _request(session, state, who, asked)
        found = autonomous_runs.find_started(session, request, order)
        return request, (found.id, _started(session, found.id, [], ["it was started before"])) if found is not None else None


def _would(state: ServiceState, who: Principal, asked: NewAutonomousRun) -> tuple[AutonomousRequest, list[Problem]]:
    """Return the request, and what of its channels or its owner's plan is in the way already."""
    problems = []
    with state.work(who) as session:
        request = _request(session, state, who, asked)
        hours = request.lasts.total_seconds() / 3600
        looks: dict[str, Callable[[], object]] = {
            "channels": lambda: AutonomousRunRepository(session).ensure_free(who.tenant_id, request.channels),
            "hours": lambda: AllowanceRepository(session).ensure_hours(who.tenant_id, hours),
        }
        for field, look_at in looks.items():
            try:
                look_at()
            except (ChannelsTaken, PlanLimitReached) as refusal:
                said, _, fix = refusal.message.removeprefix(f"{field}: ").rpartition("; ")
                problems.append(Problem(field, said or fix, fix, refusal.code))
    return request, problems


def _request(session: UnitOfWork, state: ServiceState, who: Principal, asked: NewAutonomousRun) -> AutonomousRequest:
    if asked.report_to and who.via == "token":
        raise NotAllowed("report_to: only a signed-in person says where else reports are sent; leave it out, or start the run in the console")
    channels = asked.channels or _every(session)
    ensure_level(who, asked.autonomy, _there(session, channels))
    given = asked.model_dump(exclude_none=True, mode="json") | {"report_to": _report_to(asked)}
    return read_request({**given, "channels": channels, "offline": state.settings.network == "off"})


def _report_to(asked: NewAutonomousRun) -> tuple[str, ...]:
    """Return the addresses of a run's reports, each once: a plain mail address is its own label."""
    return tuple(dict.fromkeys(asked.report_to or ()))


def _there(session: UnitOfWork, channels: Sequence[str]) -> dict[str, str]:
    """Return the level that each channel has; raises ChannelMissing for one that there is not."""
    levels = ChannelRepository(session).levels(channels)
    if missing := [channel for channel in channels if channel not in levels]:
        raise ChannelMissing(f"channels: {missing[0]!r} does not exist; create it first, or leave it out", channel=missing[0])
    return levels


def _every(session: UnitOfWork) -> tuple[str, ...]:
    found = tuple(sorted(one.id for one in ChannelRepository(session).list_(limit=MAX_PAGE).items if not one.paused))
    if not found:
        raise Invalid("channels: there is none that is not paused; create one, or resume one")
    return found


def _create(state: ServiceState, who: Principal, request: AutonomousRequest, ready: tuple[Order, Readiness]) -> tuple[str, bytes]:
    order, found = ready
    with state.work(who) as session:
        made = autonomous_runs.create(session, state.settings, request, order)
        return made.id, _started(session, made.id, _plan(found), list(found.notes))


def _plan(found: Readiness) -> list[dict[str, Any]]:
    return [{"channel": slot.channel_id, "publish_at": slot.publish_at, "why": list(slot.reasons)} for slot in found.preview.plan.slots]


def _started(session: UnitOfWork, run_id: str, plan: list[dict[str, Any]], notes: list[str]) -> bytes:
    found = autonomous_runs.describe(session, AutonomousRunRepository(session).get(run_id))
    return orjson.dumps({**found, "plan": plan, "notes": notes})
