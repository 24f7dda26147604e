"""What a run tells its operator each morning and at its end: what was made, why, at what cost, what went wrong and what was learned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from graphs.fleet_channels import provenance_of
from graphs.fleet_flight import Flight, moment, request_of
from graphs.fleet_report_text import report_text
from graphs.fleet_stop import may_end
from graphs.scheduling_times import next_morning
from infra.database import Session
from infra.settings import Settings
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.slots import SlotRecord
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.fleet import FleetRepository
from memory.repositories.incidents import IncidentRepository
from memory.repositories.lessons import LessonRepository
from memory.repositories.messages import MessageRepository
from memory.repositories.readings import ReadingRepository
from memory.repositories.run_reports import NewReport, RunReportRepository
from memory.repositories.slots import SlotRepository

REPORTED = "run.reported"
_DEMO = "demo"


@dataclass(frozen=True)
class Due:
    """A report to write: its kind, the key that keeps it from being written twice, and from when to when it tells."""

    kind: str
    key: str
    covers_from: datetime
    covers_to: datetime


def report(flight: Flight, session: Session, run: AutonomousRunRecord) -> str:
    """Write the report that is due, queue it for the operator, and return its key; nothing when none is due. One report covers any number of mornings."""
    due = report_due(run, flight.clock.now(), ends=may_end(session, run))
    if due is None or RunReportRepository(session).find(run.id, due.key) is not None:
        return ""
    body = compile_report(session, flight.settings, run, due)
    told = report_text(body)
    written = RunReportRepository(session).write(flight.wake, NewReport(due.key, due.kind, due.covers_from, due.covers_to, body, told))
    AutonomousRunRepository(session).note(flight.wake, reported=due.covers_to.isoformat())
    flight.note(session, REPORTED, report=written.id, report_kind=due.kind)
    subject = f"{'Final report' if due.kind == 'final' else 'Report'}: {len(body['published'])} published, ${body['cost_usd']:.2f} spent"
    about = {"autonomous_run": run.id, "report": written.id}
    MessageRepository(session).queue(f"report:{run.id}:{due.key}", "report", subject, told, "info", about)
    return due.key


def report_due(run: AutonomousRunRecord, now: datetime, *, ends: bool) -> Due | None:
    """Return the report that is due: the last one once nothing is in the making, else one when a morning has come since the last."""
    request = request_of(run)
    since = moment(run.notes.get("reported")) or run.starts_at
    if ends:
        return Due("final", "final", run.starts_at, now)
    if now < next_morning(since, request.report_hour, request.zone):
        return None
    day = now.astimezone(ZoneInfo(request.zone)).date()
    return Due("morning", f"morning/{day.isoformat()}", since, now)


def next_report(run: AutonomousRunRecord) -> datetime:
    """Return when the next morning's report is due."""
    request = request_of(run)
    return next_morning(moment(run.notes.get("reported")) or run.starts_at, request.report_hour, request.zone)


def compile_report(session: Session, settings: Settings, run: AutonomousRunRecord, due: Due) -> dict[str, Any]:
    """Collect what happened in the report's time, as JSON values."""
    slots = SlotRepository(session).list_of_run(run.id)
    recent = [slot for slot in slots if slot.finished_at is not None and slot.finished_at > due.covers_from]
    productions = [slot.production_run_id for slot in slots if slot.production_run_id]
    costs = FleetRepository(session).costs_microusd(productions)
    ended = {status: [_slot(slot, costs) for slot in recent if slot.status == status] for status in ("missed", "failed", "skipped", "cancelled")}
    lessons, withheld = _lessons(session, settings, run, due)
    return {
        "run": run.id,
        "kind": due.kind,
        "status": run.status,
        "reason": run.stop_reason or "",
        "from": due.covers_from.isoformat(),
        "to": due.covers_to.isoformat(),
        "zone": request_of(run).zone,
        "published": [_slot(slot, costs) for slot in recent if slot.status == "published"],
        **ended,
        "open": [_slot(slot, costs) for slot in slots if slot.finished_at is None],
        "cost_usd": round(FleetRepository(session).spent_microusd(run.id) / 1e6, 4),
        "budget_usd": run.budget_microusd / 1e6,
        "held": run.notes.get("held", {}),
        "resting": run.notes.get("given_up", {}),
        "incidents": _incidents(session, run, productions, due),
        "lessons": lessons,
        "lessons_at_the_platform": withheld,
    }


def _slot(slot: SlotRecord, costs: Mapping[str, int]) -> dict[str, Any]:
    why = slot.why
    told = [*why.get("reasons", [])] + ([f"on {why['made']}"] if why.get("made") and why.get("made") != why.get("title") else [])
    return {
        "slot": slot.id,
        "channel": slot.channel_id,
        "status": slot.status,
        "publish_at": slot.publish_at.isoformat(),
        "title": why.get("title") or why.get("topic") or "",
        "why": told,
        "note": slot.history[-1]["note"] if slot.history else "",
        "production": slot.production_run_id,
        "task": slot.task_id,
        "attempts": slot.attempts,
        "cost_usd": round(costs.get(slot.production_run_id or "", 0) / 1e6, 4),
    }


def _incidents(session: Session, run: AutonomousRunRecord, productions: Sequence[str], due: Due) -> list[dict[str, Any]]:
    channels = set(request_of(run).channels)
    found = IncidentRepository(session).list_(limit=200).items
    mine = [one for one in found if one.channel_id in channels or one.run_id in productions or (one.channel_id is None and one.run_id is None)]
    return [
        {"incident": one.id, "kind": one.kind, "severity": one.severity, "status": one.status, "channel": one.channel_id, "summary": one.summary}
        for one in mine
        if one.opened_at > due.covers_from or one.status != "resolved"
    ]


def _lessons(session: Session, settings: Settings, run: AutonomousRunRecord, due: Due) -> tuple[list[dict[str, str]], int]:
    """Return what was learned, and how many lessons rest on a platform's figures: those may not be copied, and are read where they are."""
    kinds = {provenance_of(request_of(run), settings).value, _DEMO}
    found = [
        lesson
        for channel in request_of(run).channels
        for kind in sorted(kinds)
        for lesson in LessonRepository(session).list_(channel, kind).items
        if lesson.created_at > due.covers_from
    ]
    traced = ReadingRepository(session, due.covers_to).list_traced("lesson", [lesson.id for lesson in found])
    return [{"channel": lesson.channel_id, "text": lesson.text} for lesson in found if lesson.id not in traced], len(traced)
