"""`ytempire runs start|status|stop|pause|resume|edit|report|answer`: an autonomous run from the command line; stop, pause and resume take a production too."""

import json
from collections.abc import Callable
from typing import Annotated, Any

import typer

from api import autonomous_runs, productions
from api.autonomous_runs import OPERATOR, Order
from api.desk import at_database, tell
from api.readiness import Readiness, ask_live, ensure_edit, every_channel, look
from api.report_addresses import labels_of, read_addresses
from api.stack import Stack
from api.workshop import Workshop, open_workshop, run
from graphs.autonomous_request import AutonomousRequest, read_request
from graphs.scheduling import Planned
from infra.database import Session
from infra.errors import Invalid
from infra.settings import load_settings
from memory.artifacts import Format
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.runs import RunRepository

ALL = "all"
# The command is the machine's owner's, who starts a run to leave it alone; the service goes by what each channel has.
ON_ITS_OWN = "autonomous"
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Run = Annotated[str | None, typer.Argument(help="The run; default: the only one that is going on.")]
Either = Annotated[str | None, typer.Argument(help="An autonomous run or a production; default: the only autonomous run that is going on.")]
Hours = Annotated[float | None, typer.Option(help="How long it runs, in hours (up to 744).")]
Channels = Annotated[str | None, typer.Option(help="Channels with commas between them, or `all`.")]
Budget = Annotated[float | None, typer.Option(help="The most it may spend, in dollars.")]
Videos = Annotated[int | None, typer.Option(help="How many videos each channel publishes; default: by its cadence.")]
Missed = Annotated[str | None, typer.Option(help="What becomes of a publication whose time has passed: skip, catch_up or ask.")]
Seconds = Annotated[int | None, typer.Option(help="Length of each video, 10 to 900 seconds.")]
Autonomy = Annotated[
    str | None, typer.Option(help="Who decides on each video, whatever its channel has: manual, review, policy or autonomous, which is how a run starts.")
]
Privacy = Annotated[str | None, typer.Option(help="public, unlisted or private.")]
Zone = Annotated[str | None, typer.Option(help="Time zone of the reports, such as Europe/Berlin; default UTC.")]
ReportHour = Annotated[int | None, typer.Option(help="Hour of the morning report in that zone, 0 to 23; default 7.")]


def add_to(verb: typer.Typer) -> None:
    """Add the verbs to `runs`."""
    for command in (start, status, stop, pause, resume, edit, report, answer):
        verb.command(name=command.__name__)(command)


def start(  # noqa: PLR0913 - one parameter an option
    hours: Annotated[float, typer.Option(help="How long it runs, in hours (up to 744).")],
    channels: Annotated[str, typer.Option(help="Channels with commas between them, or `all`.")],
    budget: Annotated[float, typer.Option(help="The most it may spend, in dollars.")],
    videos: Videos = None,
    missed: Missed = None,
    seconds: Seconds = None,
    frame: Annotated[Format | None, typer.Option("--format", help="landscape or short; default: each channel's own.")] = None,
    autonomy: Autonomy = None,
    privacy: Privacy = None,
    zone: Zone = None,
    report_hour: ReportHour = None,
    report_to: Annotated[
        list[str] | None,
        typer.Option("--report-to", help="Where its reports go besides YTEMPIRE_NOTIFY: a mail address or an Apprise URL; may be given more than once."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed jitters the same way.")] = None,
    key: Annotated[str | None, typer.Option(help="Starting twice with the same key is one run.")] = None,
    as_json: AsJson = False,
) -> None:
    """Start an autonomous run, once everything it needs is there; it lives in `ytempire up`, and this command returns at once."""
    settings = load_settings()
    given: dict[str, Any] = {"hours": hours, "budget_usd": budget, "videos": videos, "missed": missed, "seconds": seconds}
    given |= {"format": frame, "autonomy": autonomy or ON_ITS_OWN}
    given |= {"privacy": privacy, "zone": zone, "report_hour": report_hour, "seed": seed}
    addresses = read_addresses(report_to or (), settings)
    wanted = {name: value for name, value in given.items() if value is not None} | {"offline": settings.network == "off"}
    wanted |= {"report_to": labels_of(addresses, settings)} if addresses else {}
    named = _channels(channels)
    read_request({**wanted, "channels": named if named != (ALL,) else ("any",)})  # what can be refused without a stack is
    with Stack(settings) as stack:
        body = run(_start(stack, wanted, named, Order(key, report_to=addresses)))
    tell(body, as_json, _started)


def status(run_id: Run = None, as_json: AsJson = False) -> None:
    """Show how a run stands; without one, every run that is going on, or the last one."""

    def read(session: Session) -> dict[str, Any]:
        runs = AutonomousRunRepository(session)
        if run_id is not None:
            return {"runs": [autonomous_runs.describe(session, runs.get(run_id))]}
        found = runs.list_open() or runs.list_(limit=1).items
        return {"runs": [autonomous_runs.describe(session, one) for one in found]}

    tell(at_database(read), as_json, _statuses)


def stop(
    run_id: Either = None,
    reason: Annotated[str, typer.Option(help="Why, for whoever reads it next.")] = "no reason given",
    now: Annotated[bool, typer.Option("--now", help="End also what is being made.")] = False,
    as_json: AsJson = False,
) -> None:
    """End a run: nothing new begins, what is being made is finished, and the last report is written. A production ends at its next step."""

    def production(session: Session, one: str) -> None:
        productions.stop(session, one, reason, OPERATOR)

    tell(_at_run(run_id, lambda session, one: autonomous_runs.stop(session, one, reason, at_once=now), production), as_json, _standing)


def pause(run_id: Either = None, reason: Annotated[str, typer.Option(help="Why.")] = "no reason given", as_json: AsJson = False) -> None:
    """Let a run begin nothing new until it is resumed; what is being made or scheduled goes on. A production itself rests: no job of it begins."""

    def production(session: Session, one: str) -> None:
        productions.pause(session, one, reason, OPERATOR)

    tell(_at_run(run_id, lambda session, one: autonomous_runs.pause(session, one, reason), production), as_json, _standing)


def resume(run_id: Either = None, as_json: AsJson = False) -> None:
    """Let a paused run go on; what it missed follows its policy. A production is driven on by `ytempire up`."""

    def production(session: Session, one: str) -> None:
        productions.resume(session, one, OPERATOR)

    tell(_at_run(run_id, lambda session, one: autonomous_runs.resume(session, one), production), as_json, _standing)


def edit(  # noqa: PLR0913 - one parameter an option
    run_id: Run = None,
    hours: Hours = None,
    channels: Channels = None,
    budget: Budget = None,
    videos: Videos = None,
    missed: Missed = None,
    seconds: Seconds = None,
    autonomy: Autonomy = None,
    zone: Zone = None,
    report_hour: ReportHour = None,
    as_json: AsJson = False,
) -> None:
    """Change what a run is asked for while it runs; hours count from its start."""
    given = {"hours": hours, "budget_usd": budget, "videos": videos, "missed": missed, "seconds": seconds, "autonomy": autonomy}
    given |= {"zone": zone, "report_hour": report_hour}
    changes = {name: value for name, value in given.items() if value is not None}

    def work(session: Session, one: str) -> object:
        named = _channels(channels) if channels is not None else None
        picked = every_channel(session) if named == (ALL,) else named
        before = AutonomousRunRepository(session).get(one).request
        changed = autonomous_runs.edit(session, one, changes | ({"channels": picked} if picked is not None else {}))
        ensure_edit(session, load_settings(), read_request(before), read_request(changed.request), changed.starts_at)
        return changed

    tell(_at_run(run_id, work), as_json, _standing)


def report(
    run_id: Run = None,
    log: Annotated[bool, typer.Option("--log", help="Show the run's log, entry by entry, instead.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Show every report, not only the newest.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a run reported: what was made, why, at what cost, what went wrong and what was learned."""

    def read(session: Session) -> dict[str, Any]:
        one = autonomous_runs.the_run(session, run_id) if run_id or AutonomousRunRepository(session).list_open() else _newest(session)
        if log:
            return {"run_id": one, "log": autonomous_runs.log_of(session, one)}
        reports = autonomous_runs.reports_of(session, one)
        shown = reports if every else reports[-1:]
        return {"run_id": one, "reports": [{"report": found.id, "kind": found.kind, "text": found.text, **found.body} for found in shown]}

    tell(at_database(read), as_json, _reports)


def answer(
    slot_id: Annotated[str, typer.Argument(help="The slot that waits, as the message about it names it.")],
    catch_up: Annotated[bool, typer.Option("--catch-up", help="Make and show it as soon as possible.")] = False,
    skip: Annotated[bool, typer.Option("--skip", help="Leave it out.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what becomes of a publication whose time passed, in a run that asks."""
    if catch_up == skip:
        raise Invalid("give one of --catch-up and --skip")
    settings = load_settings()
    body = at_database(lambda session: autonomous_runs.describe_slot(autonomous_runs.answer(session, settings, slot_id, catch_up=catch_up)))
    tell(body, as_json, lambda slot: [f"{slot['channel']}: {slot['status']}, {slot['note']}"])


async def _start(stack: Stack, wanted: dict[str, Any], named: tuple[str, ...], order: Order) -> dict[str, Any]:
    async with open_workshop(stack) as workshop:
        request = await _picked(workshop, wanted, named)
        with workshop.database.unit_of_work() as session:
            known = autonomous_runs.find_started(session, request, order)
            if known is not None:
                return {**autonomous_runs.describe(session, known), "plan": [], "notes": ["it was started before"]}
        ready = await look(workshop.settings, workshop.database, request, await ask_live(workshop, request))
        ready.ensure()
        with workshop.database.unit_of_work() as session:
            made = autonomous_runs.create(session, workshop.settings, request, order)
            return {**autonomous_runs.describe(session, made), "plan": _plan(ready), "notes": list(ready.notes)}


async def _picked(workshop: Workshop, wanted: dict[str, Any], named: tuple[str, ...]) -> AutonomousRequest:
    with workshop.database.unit_of_work() as session:
        channels = every_channel(session) if named == (ALL,) else named
    return read_request({**wanted, "channels": channels})


def _plan(ready: Readiness) -> list[dict[str, Any]]:
    def shown(slot: Planned) -> dict[str, Any]:
        return {"channel": slot.channel_id, "publish_at": slot.publish_at.isoformat(), "why": list(slot.reasons)}

    return [shown(slot) for slot in ready.preview.plan.slots]


def _channels(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if not found:
        raise Invalid("--channels: names none; give channel ids with commas between them, or `all`")
    return found


def _newest(session: Session) -> str:
    found = AutonomousRunRepository(session).list_(limit=1).items
    return found[0].id if found else autonomous_runs.the_run(session, None)


def _at_run(run_id: str | None, work: Callable[[Session, str], object], of_production: Callable[[Session, str], object] | None = None) -> dict[str, Any]:
    def change(session: Session) -> dict[str, Any]:
        if run_id is not None and of_production is not None and RunRepository(session).find(run_id) is not None:
            of_production(session, run_id)
            return productions.describe(RunRepository(session).get(run_id))
        one = autonomous_runs.the_run(session, run_id)
        work(session, one)
        return autonomous_runs.describe(session, AutonomousRunRepository(session).get(one))

    return at_database(change)


def _started(body: dict[str, Any]) -> list[str]:
    plan = [f"  {slot['publish_at'][:16]}  {slot['channel']:<18}{'; '.join(slot['why'])}" for slot in body["plan"]]
    notes = [f"  note: {note}" for note in body["notes"]]
    head = f"run {body['run_id']} has begun and ends at {body['ends_at'][:16]} UTC; its budget is ${body['budget_usd']:.2f}"
    return [head, *plan, *notes, "  see it with: ytempire runs status"]


def _standing(body: dict[str, Any]) -> list[str]:
    if "counts" not in body:
        return [
            f"{body['run_id']}  {body['status']}  {body['channel']}  {body['topic'] or ''}",
            *([f"  it is to end: {body['stop_reason']}"] if body["stop_reason"] else []),
        ]
    counts = ", ".join(f"{count} {status}" for status, count in sorted(body["counts"].items())) or "nothing planned yet"
    head = f"{body['run_id']}  {body['status']}  {body['starts_at'][:16]} to {body['ends_at'][:16]} UTC  ${body['spent_usd']:.2f} of ${body['budget_usd']:.2f}"
    lines = [head, *([f"  {body['reason']}"] if body["reason"] else []), f"  {counts}"]
    lines += [f"  held back: {channel}: {reason}" for channel, reason in body["held"].items()]
    lines += [f"  reports to {one['address']}: {one['status']}{': ' + one['said'] if one['said'] else ''}" for one in body["report_to"]]
    lines += [f"  resting: {channel} until {until[:16]} UTC" for channel, until in body["resting"].items()]
    lines += [f"  {slot['publish_at'][:16]}  {slot['channel']:<18}{slot['status']:<10}{slot['title'] or slot['note']}" for slot in body["slots"]]
    return lines


def _statuses(body: dict[str, Any]) -> list[str]:
    if not body["runs"]:
        return ["no autonomous run yet; start one with: ytempire runs start --hours 72 --channels all --budget 20"]
    return [line for one in body["runs"] for line in _standing(one)]


def _reports(body: dict[str, Any]) -> list[str]:
    if "log" in body:
        return [f"{entry['at'][:19]}  {entry['what']:<22}{_entry(entry)}" for entry in body["log"]] or ["the log is empty"]
    return [report["text"] for report in body["reports"]] or [f"run {body['run_id']} has not reported yet; `ytempire runs report --log` shows its log"]


def _entry(entry: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in entry.items() if name not in {"at", "what"}}, ensure_ascii=False, default=str)
