"""What `ytempire channels` says of learning: changes of a personality to decide, what publications came to, and how alike videos are."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console

from api.memory.telling import change_told
from api.stack import Stack
from infra.database import Database
from infra.errors import Invalid
from infra.settings import load_settings
from memory.artifacts import Provenance
from memory.personality import get_personality
from memory.records.fingerprints import SamenessCheckRecord
from memory.records.outcomes import OutcomeRecord
from memory.records.personality_changes import CHANGE_STATUSES
from memory.repositories.channels import ChannelRepository
from memory.repositories.fingerprints import FingerprintRepository
from memory.repositories.outcomes import OutcomeRepository
from memory.repositories.personality_changes import PersonalityChangeRepository

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Channel = Annotated[str, typer.Argument(help="The studio's channel.")]
Change = Annotated[str, typer.Argument(help="The change's id, as `changes list` prints it.")]
Kind = Annotated[str, typer.Option("--provenance", help="real, demo, rehearsal or simulated; all when left out.")]
_OPERATOR = "operator"


def add_to(channels: typer.Typer) -> None:
    """Add the verbs to `ytempire channels`."""
    changes = typer.Typer(help="Changes of a personality: proposed from what happened, true only once approved.", no_args_is_help=True)
    changes.command(name="list")(list_changes)
    changes.command(name="propose")(propose)
    changes.command(name="approve")(approve)
    changes.command(name="reject")(reject)
    changes.command(name="revert")(revert)
    channels.add_typer(changes, name="changes")
    channels.command(name="sameness")(sameness)
    channels.command(name="outcomes")(outcomes)


def list_changes(
    channel: Annotated[str | None, typer.Option(help="Of one channel only.")] = None,
    status: Annotated[str | None, typer.Option(help=f"One of {', '.join(CHANGE_STATUSES)}.")] = None,
    as_json: AsJson = False,
) -> None:
    """List changes, newest first, and what they are based on."""
    if status is not None and status not in CHANGE_STATUSES:
        raise Invalid(f"--status: {status!r} is unknown; give one of {', '.join(CHANGE_STATUSES)}")
    with _session() as session:
        rows = [change_told(one) for one in PersonalityChangeRepository(session).list_(channel, status, limit=200).items]
    _say({"changes": rows}, as_json, [_told(one) for one in rows] or ["no change was proposed"])


def propose(
    channel: Channel,
    field: Annotated[str, typer.Argument(help="A field of the personality, such as tone or voice.words_per_minute.")],
    value: Annotated[str, typer.Argument(help='Its new value as JSON; a bare word is text: calm, 150, ["warm", "exact"].')],
    why: Annotated[str, typer.Option(help="Why, for whoever decides.")] = "the operator wishes it",
    as_json: AsJson = False,
) -> None:
    """Propose a change yourself; like every other it is true only once approved."""
    personality = get_personality(channel)
    with _session() as session:
        ChannelRepository(session).ensure(channel, personality.id, personality.name)
        row = change_told(PersonalityChangeRepository(session).propose(channel, (field, _value(value)), why, _OPERATOR))
    _say(row, as_json, [_told(row)])


def approve(change: Change, as_json: AsJson = False) -> None:
    """Approve a change: every run made from now on has it."""
    _decide(change, "approved", as_json)


def reject(change: Change, as_json: AsJson = False) -> None:
    """Reject a change: nothing changes, and the same videos do not ask for it again."""
    _decide(change, "rejected", as_json)


def revert(change: Change, as_json: AsJson = False) -> None:
    """Take an approved change back: runs made from now on are without it."""
    _decide(change, "reverted", as_json)


def sameness(channel: Channel, provenance: Kind = "", limit: Annotated[int, typer.Option(min=1, max=200)] = 20, as_json: AsJson = False) -> None:
    """Say how alike the channel's newest videos were to earlier ones, and which limits they met."""
    kind = _provenance(provenance)
    with _session() as session:
        limits = PersonalityChangeRepository(session).personality(channel).sameness.model_dump()
        prints = FingerprintRepository(session)
        budget = prints.budget(channel, kind or Provenance.REAL.value)
        rows = [_check(one) for one in prints.checks(channel, kind, limit)]
    lines = [f"limits: {', '.join(f'{name} {value:g}' for name, value in limits.items())}"]
    lines += [f"sent back or refused: {budget.over} of the last {budget.measured} scripts; {budget.room:.0%} of its slots are left to it"]
    lines += [line for one in rows for line in _measured(one)] or ["nothing was measured yet"]
    _say({"channel": channel, "limits": limits, "budget": budget.model_dump(), "checks": rows}, as_json, lines)


def outcomes(channel: Channel, provenance: Kind = "", limit: Annotated[int, typer.Option(min=1, max=200)] = 20, as_json: AsJson = False) -> None:
    """Say what was expected of the channel's publications, and what came of them."""
    get_personality(channel)
    kinds = [_provenance(provenance)] if provenance else [one.value for one in Provenance]
    with _session() as session:
        rows = [_outcome(one) for kind in kinds for one in OutcomeRepository(session).list_(channel, str(kind), limit=limit).items]
    lines = [f"{one['predicted'].get('title', one['publication'])}: {_came_to(one)}" for one in rows]
    _say({"channel": channel, "outcomes": rows}, as_json, lines or ["nothing was published yet"])


def _decide(change: str, status: str, as_json: bool) -> None:
    with _session() as session:
        row = change_told(PersonalityChangeRepository(session).decide(change, status, _OPERATOR))
    _say(row, as_json, [_told(row)])


@contextmanager
def _session() -> Iterator[Any]:
    with Stack(load_settings()) as stack:
        database = Database(stack.urls.database, pool_size=1)
        try:
            with database.unit_of_work() as session:
                yield session
        finally:
            database.dispose()


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _provenance(name: str) -> str | None:
    if name and name not in {one.value for one in Provenance}:
        raise Invalid(f"--provenance: {name!r} is unknown; give one of {', '.join(one.value for one in Provenance)}")
    return name or None


def _say(body: dict[str, Any], as_json: bool, lines: list[str]) -> None:
    if as_json:
        typer.echo(json.dumps(body, ensure_ascii=False, default=str))
        return
    console = Console(soft_wrap=True)
    for line in lines:
        console.print(line, markup=False, highlight=False)


def _told(one: dict[str, Any]) -> str:
    since = f", first in run {one['applied_run_id']}" if one["applied_run_id"] else ""
    change = f"{one['field']} {one['value_from']!r} -> {one['value_to']!r}"
    return f"{one['id']}  {one['channel']}: {change}  {one['status']}{since}  ({one['proposed_by']}: {one['why']})"


def _check(one: SamenessCheckRecord) -> dict[str, Any]:
    names = ("run_id", "stage", "iteration", "provenance", "passed", "created_at")
    return {**{name: getattr(one, name) for name in names}, "measures": one.report["measures"], "reasons": one.report["reasons"]}


def _measured(one: dict[str, Any]) -> list[str]:
    verdict = "kept" if one["passed"] else "over the limit"
    figures = ", ".join(f"{measure['name']} {measure['value']:.2f} of {measure['limit']:g}" for measure in one["measures"])
    return [f"{one['run_id']} {one['stage']} {one['iteration']} ({one['provenance']}): {verdict}; {figures}", *(f"  {reason}" for reason in one["reasons"])]


def _outcome(one: OutcomeRecord) -> dict[str, Any]:
    names = ("provenance", "predicted", "predicted_at", "happened", "difference", "lesson_id", "settled_at")
    return {"publication": one.publication_id, "run": one.run_id, **{name: getattr(one, name) for name in names}}


def _came_to(one: dict[str, Any]) -> str:
    expected = f"expected with quality {one['predicted'].get('quality', 0):.2f}"
    if one["settled_at"] is None:
        return f"{expected}; its last look is still to come"
    seen = (one["difference"] or {}).get("attention_48h", {})
    attention = f"attention {seen['measured']:+.0%}, {seen['expected']:+.0%} was forecast" if "measured" in seen else seen.get("unknown", "")
    return f"{expected}; signs: {', '.join(one['happened'].get('signs', ())) or 'none'}; {attention}"
