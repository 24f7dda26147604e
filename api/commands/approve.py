"""`ytempire approve`: decide what a waiting run asks, and let it go on."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from api.asking import FIRST_OF_TWO
from api.commands.produce import EXIT_NOT_PUBLISHED, Order, check_folder, deliver
from api.live import live_view
from api.stack import Stack
from api.workshop import open_workshop, run
from graphs.export import Exported
from graphs.gate_answers import HumanAnswer
from graphs.orchestrator import LEASE_S
from infra.errors import Invalid
from infra.settings import load_settings

# A person who says no gets what they asked for.
ACCEPTED_ENDS = frozenset({"published", "waiting", "rejected"})


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="approve")(approve)


def approve(  # noqa: PLR0913 - one parameter an option
    run_id: Annotated[str, typer.Argument(help="The run that waits.")],
    accept: Annotated[bool, typer.Option("--accept", help="Publish it as it is.")] = False,
    ignore: Annotated[bool, typer.Option("--ignore", help="End the run without publishing.")] = False,
    respond: Annotated[str | None, typer.Option(help="Say what should change; the writer works again.")] = None,
    title: Annotated[str | None, typer.Option("--edit-title", help="Publish under another title.")] = None,
    by: Annotated[str, typer.Option(help="Who decides.")] = "operator",
    out: Annotated[Path | None, typer.Option(help="Folder for the files; default: the run's own in the studio's home.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Decide about a waiting run, exactly once, and let it go on."""
    answer = read_options(accept, ignore, respond, title).model_copy(update={"by": by[:200]})
    check_folder(out)
    with Stack(load_settings()) as stack:
        exported = run(_approve(stack, run_id, answer, out, as_json))
    if exported.summary["status"] not in ACCEPTED_ENDS:
        raise typer.Exit(EXIT_NOT_PUBLISHED)


def read_options(accept: bool, ignore: bool, respond: str | None, title: str | None) -> HumanAnswer:
    """Return the one answer that the options name; raises Invalid for none or several."""
    given: list[tuple[Literal["accept", "edit", "response", "ignore"], Any]] = []
    given += [("accept", None)] if accept else []
    given += [("ignore", None)] if ignore else []
    given += [("response", respond)] if respond else []
    given += [("edit", {"title": title})] if title else []
    if len(given) != 1:
        raise Invalid(f"give exactly one of --accept, --ignore, --respond TEXT and --edit-title TEXT; {len(given)} were given")
    kind, args = given[0]
    return HumanAnswer(type=kind, args=args)


async def _approve(stack: Stack, run_id: str, answer: HumanAnswer, out: Path | None, as_json: bool) -> Exported:
    console = Console(stderr=as_json, soft_wrap=True)
    async with open_workshop(stack) as workshop:
        waiting = await workshop.book.inbox.find(run_id)
        if await workshop.book.inbox.answer(waiting.approval_id, answer.model_dump(mode="json")) is None:
            console.print(FIRST_OF_TWO, markup=False, highlight=False)
        async with live_view(workshop, run_id, console):
            # A runner that was killed holds its lease for a moment longer; the decision is written down already.
            ended = await workshop.orchestrator.drive(run_id, wait_for_lease_s=LEASE_S + 5)
        studio = await workshop.book.studio(run_id)
        return await deliver(workshop, ended, Order(studio.request, out, as_json), console)
