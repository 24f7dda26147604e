"""Carrying out what the monitor decided, each action recorded with what was there before, so that it can be taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents import crisis_monitor
from graphs.looks import Look
from infra.database import UnitOfWork
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.incident_actions import IncidentActionRepository, NewAction
from memory.repositories.incidents import IncidentRepository

# Done by the monitor's tool before the rows are written: the platform comes first, so that no row claims what did not happen.
_BY_TOOL = frozenset({"make_private", "unlist"})


@dataclass(frozen=True)
class Trouble:
    """One verdict as it is carried out: what is wrong with whom, and what follows. `key` makes the same trouble one incident."""

    key: str
    kind: str
    severity: str
    confidence: float
    summary: str
    signal: str
    done: tuple[crisis_monitor.Action, ...]
    wanted: tuple[crisis_monitor.Action, ...]
    tried: tuple[crisis_monitor.Action, ...] = ()
    channel_id: str | None = None
    run_id: str | None = None
    publication_id: str | None = None
    publication_key: str | None = None
    place: str = "library"
    privacy: str = ""
    drafts: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


def trouble_of(look: Look, watched: crisis_monitor.Watched) -> Trouble:
    """Return the trouble with a publication that a look found."""
    first = watched.signs[0].kind if watched.signs else None
    return Trouble(
        key=look.incident_key,
        kind=first or "publication",
        severity="info" if watched.severity == "none" else watched.severity,
        confidence=watched.confidence,
        summary="; ".join(watched.reasons)[:4000],
        signal=crisis_monitor.SIGNALS[first] if first else "",
        done=watched.done,
        wanted=watched.wanted,
        tried=watched.tried,
        channel_id=look.channel_id,
        run_id=look.run_id,
        publication_id=look.publication_id,
        publication_key=look.publication_key,
        place=look.place,
        privacy=watched.was,
        drafts=watched.drafts,
        advice=tuple(dict.fromkeys(one for sign in watched.signs for one in crisis_monitor.ADVICE.get(sign.kind, ()))),
    )


def enforce(session: UnitOfWork, trouble: Trouble, now: datetime) -> str | None:
    """Do what is rows, open the incident and record each action, in the caller's transaction; returns the incident, None when nothing follows."""
    if not trouble.done and not trouble.wanted:
        return None
    about = {"channel_id": trouble.channel_id, "run_id": trouble.run_id, "publication_id": trouble.publication_id}
    judged = {"confidence": trouble.confidence, "signal": trouble.signal}
    incidents, actions = IncidentRepository(session), IncidentActionRepository(session)
    incident = incidents.open(trouble.key, trouble.kind, trouble.severity, trouble.summary, **about, **judged)
    follows = {"done": trouble.done, "wanted": trouble.wanted, "failed": trouble.tried}
    for action, status in [(one, status) for status, of in follows.items() for one in of]:
        for new in _acted(session, trouble, action, status, now):
            recorded, is_news = actions.record(incident.id, new)
            if is_news:
                incidents.note(incident.id, new.by, f"{new.action} {recorded.status}", new.target)
    for advised in trouble.advice:
        reversal = f"cannot be taken back: {crisis_monitor.IRREVERSIBLE[advised]}"
        target = trouble.publication_key or trouble.channel_id or "the channel"
        actions.record(incident.id, NewAction(advised, target, "wanted", crisis_monitor.AGENT, "a person may want to", reversal, reversible=False))
    return incident.id


def _acted(session: UnitOfWork, trouble: Trouble, action: crisis_monitor.Action, status: str, now: datetime) -> list[NewAction]:
    """Do one action where it is rows, and return what is to be recorded of it: nothing where there is nobody to do it to."""
    told: dict[str, Any] = {"by": crisis_monitor.AGENT, "why": trouble.summary, "reversal": crisis_monitor.REVERSALS[action]}
    if action == "open_incident":
        return []
    if action in _BY_TOOL or action == "draft_reply":
        if trouble.publication_key is None and action in _BY_TOOL:
            return []
        details = {"place": trouble.place} if action in _BY_TOOL else {"texts": list(trouble.drafts), "posted": False}
        target = trouble.publication_key or trouble.channel_id or "the operator"
        return [NewAction(action, target, status, before={"privacy": trouble.privacy}, details=details, **told)]
    if trouble.channel_id is None:
        return []
    if action == "pause_run":
        return [NewAction(action, run.id, status, before=_pause_run(session, run, trouble, status), **told) for run in _runs_of(session, trouble.channel_id)]
    before = (_hold if action == "hold" else _pause_channel)(session, trouble.channel_id, trouble, now, status)
    return [NewAction(action, trouble.channel_id, status, before=before, **told)]


def _hold(session: UnitOfWork, channel_id: str, trouble: Trouble, now: datetime, status: str) -> dict[str, Any]:
    channels = ChannelRepository(session)
    until = channels.get(channel_id).held_until
    if status == "done":
        channels.hold(channel_id, trouble.summary[:1000], now + crisis_monitor.HOLD_FOR)
    return {"held_until": until.isoformat() if until else None}


def _pause_channel(session: UnitOfWork, channel_id: str, trouble: Trouble, _now: datetime, status: str) -> dict[str, Any]:
    channels = ChannelRepository(session)
    was = channels.get(channel_id).paused
    if status == "done":
        channels.pause(channel_id, trouble.summary[:1000])
        about = {"publication": trouble.publication_id, "why": trouble.summary}
        AuditRepository(session).append(crisis_monitor.AGENT, "channel.paused", channel_id, about, tenant=channels.get(channel_id).tenant_id)
    return {"paused": was}


def _runs_of(session: UnitOfWork, channel_id: str) -> tuple[AutonomousRunRecord, ...]:
    return tuple(run for run in AutonomousRunRepository(session).list_open() if channel_id in run.request.get("channels", ()))


def _pause_run(session: UnitOfWork, run: AutonomousRunRecord, trouble: Trouble, status: str) -> dict[str, Any]:
    was = {"status": run.status, "paused_reason": run.paused_reason}
    if status == "done" and run.status in {"planning", "running"}:
        AutonomousRunRepository(session).change(run.id, status="paused", paused_reason=trouble.summary[:1000])
        about = {"channel": trouble.channel_id, "why": trouble.summary}
        AuditRepository(session).append(crisis_monitor.AGENT, "autonomous_run.paused", run.id, about, tenant=run.tenant_id)
    return was
