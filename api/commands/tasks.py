"""`ytempire tasks`: give the autonomous runs something to make, see what waits, take it back."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from api.autonomous_runs import OPERATOR, cancel_task, wake_for_tasks
from api.desk import at_database, tell
from api.film_verb import add_film
from api.task_verbs import due_time, line_of, shown
from graphs.autonomous_request import read_task
from infra.database import Session
from infra.errors import Invalid
from memory.artifacts import Format
from memory.personality import get_personality
from memory.records.tasks import PRIORITIES, TASK_STATUSES
from memory.repositories.channels import ChannelRepository
from memory.repositories.tasks import NewTask, TaskRepository

# More than the longest script has, whatever its characters.
_MOST_BYTES = 100_000
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    verb = typer.Typer(help="Give autonomous runs something to make.", no_args_is_help=True)
    verb.command(name="add")(add)
    verb.command(name="add-film")(add_film)
    verb.command(name="list")(list_tasks)
    verb.command(name="cancel")(cancel)
    app.add_typer(verb, name="tasks")


def add(  # noqa: PLR0913 - one parameter an option
    topic: Annotated[str | None, typer.Option(help="What the video is about.")] = None,
    sources: Annotated[list[str] | None, typer.Option("--from", help="File, folder or URL to make it from; may be given more than once.")] = None,
    script: Annotated[
        str | None, typer.Option("--script", help="File with a finished script (`# Title`, `## Headings`, sentences), or - for standard input.")
    ] = None,
    own_text: Annotated[bool, typer.Option("--own-text", help="The script is your own text: it needs no source but itself.")] = False,
    channel: Annotated[str | None, typer.Option(help="The channel; default: whichever has most room.")] = None,
    priority: Annotated[str, typer.Option(help="urgent (at once), high or normal (when there is a place).")] = "normal",
    due: Annotated[str | None, typer.Option(help="When it is to be shown, such as 2026-12-01T18:00+01:00.")] = None,
    seconds: Annotated[int | None, typer.Option(help="Length, 10 to 900 seconds; default: the run's.")] = None,
    frame: Annotated[Format | None, typer.Option("--format", help="landscape or short.")] = None,
    autonomy: Annotated[
        str | None, typer.Option(help="Who decides on it, whatever channel and run have: manual, review, policy or autonomous; default: the run's.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="Adding twice with the same key is one task.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add a task: a video about a topic, from sources, or both; or of a finished script, which stands on its sources or is your own text.

    A finished film is added with `ytempire tasks add-film`.
    """
    given = {"topic": topic, "sources": [_source(one) for one in sources] if sources else None, "seconds": seconds, "format": frame, "autonomy": autonomy}
    # The machine's owner may free what they ask for.
    given |= {"freed_by": OPERATOR if autonomy else None}
    payload = {name: value for name, value in given.items() if value is not None}
    if script is not None:
        payload |= {"script": _script(script), "own_text": own_text}
    elif own_text:
        raise Invalid("--own-text: says whose text a script is; give --script FILE with it")
    if topic is None and not sources and script is None:
        raise Invalid("--topic: a task needs a topic, sources or a script; give --topic TEXT, --from SOURCE or --script FILE")
    if priority not in PRIORITIES:
        raise Invalid(f"--priority: {priority!r} is unknown; give one of {', '.join(PRIORITIES)}")
    if channel is not None:
        get_personality(channel)
    kind = "script" if script is not None else "video" if set(payload) - {"topic", "sources"} else "sources" if sources else "topic"
    new = NewTask(kind, read_task(kind, payload), OPERATOR, channel, PRIORITIES[priority], due_time(due), key)

    def write(session: Session) -> dict[str, Any]:
        if channel is not None:
            ChannelRepository(session).ensure(channel, channel, get_personality(channel).name)
        task = TaskRepository(session).add(new)
        return shown(task) | {"runs": wake_for_tasks(session, channel)}

    body = at_database(write)
    tell(body, as_json, lambda _: [line_of(body)])


def list_tasks(
    status: Annotated[str | None, typer.Option(help="Only those of one status.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the newest tasks."""
    if status is not None and status not in TASK_STATUSES:
        raise Invalid(f"--status: {status!r} is unknown; give one of {', '.join(TASK_STATUSES)}")
    tasks = at_database(lambda session: [shown(task) for task in TaskRepository(session).list_(status).items])
    lines = [f"{one['task']}  {one['status']:<10}{one['priority']:<8}{one['channel'] or 'any':<18}{one['what']}  {one['reason']}".rstrip() for one in tasks]
    tell({"tasks": tasks}, as_json, lambda _: lines or ["no tasks; add one with: ytempire tasks add --topic TEXT"])


def cancel(
    task_id: Annotated[str, typer.Argument(help="The task.")],
    reason: Annotated[str, typer.Option(help="Why, for whoever reads it next.")] = "no reason given",
    as_json: AsJson = False,
) -> None:
    """Take a task back whose video is not in the making yet."""
    cancelled = at_database(lambda session: cancel_task(session, task_id, reason))
    tell({"task": cancelled, "status": "cancelled"}, as_json, lambda _: [f"task {cancelled} is cancelled"])


def _script(place: str) -> str:
    try:
        data = sys.stdin.buffer.read(_MOST_BYTES + 1) if place == "-" else Path(place).expanduser().read_bytes()[: _MOST_BYTES + 1]
        return data.decode("utf-8")
    except OSError as error:
        raise Invalid(f"--script: {place!r} cannot be read ({error.strerror}); name a file with the script, or - to give it on standard input") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"--script: {place!r} is not UTF-8 text; save it as plain text or Markdown in UTF-8") from error


def _source(source: str) -> str:
    if source.startswith(("http://", "https://")):
        return source
    path = Path(source).expanduser().resolve()
    if not path.exists():
        raise Invalid(f"--from: {source!r} is neither an existing file or folder nor an http(s) address")
    return str(path)
