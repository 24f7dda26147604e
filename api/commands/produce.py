"""`ytempire produce`: make one video, from trend to publication, and say where it is."""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from rich.console import Console

from api.asking import ask_person
from api.figures import figure_lines
from api.live import live_view
from api.live_providers import ensure_probed
from api.looking import look_now
from api.needs import room_for
from api.stack import Stack
from api.workshop import Workshop, open_workshop, run
from graphs.export import Exported, export_run
from graphs.orchestrator import Ended
from graphs.request import Autonomy, ProductionRequest
from graphs.two_people import COMMAND
from infra.errors import Invalid
from infra.room import require_room
from infra.settings import load_settings
from memory.artifacts import Format, Privacy
from memory.personality import get_personality
from tools.registry import load_constant

DEMO_CHANNEL = "field-notes"
LONGEST_S, SHORTEST_S = 900, 10
LARGEST_SEED = 2**31 - 1
EXIT_NOT_PUBLISHED = 1
OFFLINE = "YTEMPIRE_NETWORK=off: the story comes from the demo corpus that ships with the studio, and everything made from it is labelled demo"


@dataclass(frozen=True)
class Order:
    """What was asked for on the command line, checked."""

    request: ProductionRequest
    out: Path | None
    as_json: bool


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="produce")(produce)


def produce(  # noqa: PLR0913 - one parameter an option
    channel: Annotated[str, typer.Option(help="Channel (a personality's id).")] = DEMO_CHANNEL,
    topic: Annotated[str | None, typer.Option(help="What the video is about; without it the trends decide.")] = None,
    sources: Annotated[list[str] | None, typer.Option("--from", help="File, folder or URL to make the video from; may be given more than once.")] = None,
    frame: Annotated[Format | None, typer.Option("--format", help="landscape (1920x1080) or short (1080x1920).")] = None,
    seconds: Annotated[int, typer.Option(help=f"Length, {SHORTEST_S} to {LONGEST_S} seconds.")] = 60,
    autonomy: Annotated[str, typer.Option(help="Who decides on it, whatever the channel has: manual, review, policy or autonomous.")] = "autonomous",
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="The same seed makes the same choices on the same evidence.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for the files; default: a new one in the studio's home.")] = None,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="Against stand-ins of every outside service on this machine, in a home of its own.")] = False,
    privacy: Annotated[str, typer.Option(help="public, unlisted or private, on a platform that knows it.")] = "public",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make one finished video, check it, publish it to the local library, and say where it is."""
    settings = load_settings()
    checked = check_order(channel, topic, tuple(sources or ()), seconds, autonomy)
    if privacy not in get_args(Privacy):
        raise Invalid(f"--privacy: {privacy!r} is unknown; give one of {', '.join(get_args(Privacy))}")
    check_folder(out)
    require_room(settings.home, room_for(settings.home, seconds), f"a video of {seconds} s")
    offline = settings.network == "off" and not rehearse
    chosen = {"format": frame or get_personality(channel).format, "seed": seed, "offline": offline, "rehearsal": rehearse, "privacy": privacy}
    order = Order(ProductionRequest.model_validate(checked | chosen), out, as_json)
    for line in ensure_probed(settings, order.request):
        Console(stderr=as_json, soft_wrap=True).print(line, markup=False, highlight=False)
    # The stand-ins bring every vendor's library, so they are loaded for a rehearsal only.
    stage = load_constant("api.rehearsal:rehearsing")(settings) if rehearse else nullcontext(settings)
    with stage as studio, Stack(studio) as stack:
        if rehearse:
            load_constant("api.rehearsal:connect_stage")(stack.urls, studio, channel)
        exported = run(_produce(stack, order))
    if exported.summary["status"] not in {"published", "waiting"}:
        raise typer.Exit(EXIT_NOT_PUBLISHED)


def check_order(channel: str, topic: str | None, sources: tuple[str, ...], seconds: int, autonomy: str) -> dict[str, Any]:
    """Return the request's fields; raises Invalid or NotFound naming the field, the limit and the fix."""
    get_personality(channel)
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise Invalid(f"--seconds: {seconds} is outside {SHORTEST_S} to {LONGEST_S}; give a length within it")
    if topic is not None and not 2 <= len(topic.strip()) <= 200:
        raise Invalid(f"--topic: has {len(topic.strip())} characters, 2 to 200 are taken")
    if autonomy not in Autonomy.__args__:  # type: ignore[attr-defined]
        raise Invalid(f"--autonomy: {autonomy!r} is unknown; give one of {', '.join(Autonomy.__args__)}")  # type: ignore[attr-defined]
    given = tuple(_source(source) for source in sources)
    return {"channel": channel, "topic": topic.strip() if topic else None, "sources": given, "seconds": seconds, "autonomy": autonomy, "asked_by": COMMAND}


def _source(source: str) -> str:
    """Return an address as it is and a path made absolute, since a resumed run may be driven from elsewhere."""
    if source.startswith(("http://", "https://")):
        return source
    path = Path(source).expanduser().absolute()
    if not path.exists():
        raise Invalid(f"--from: {source!r} is neither an existing file or folder nor an http(s) address")
    if not os.access(path, os.R_OK):
        raise Invalid(f"--from: {source!r} cannot be read; give this user the right to read it")
    return str(path)


def check_folder(out: Path | None) -> None:
    """Make the output folder before any work; raises Invalid when it cannot be one."""
    if out is None:
        return
    try:
        out.expanduser().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(f"--out: {out} cannot be made a folder ({error.strerror})") from error
    if not os.access(out.expanduser(), os.W_OK):
        raise Invalid(f"--out: {out} cannot be written")


async def _produce(stack: Stack, order: Order) -> Exported:
    console = Console(stderr=order.as_json, soft_wrap=True)
    async with open_workshop(stack) as workshop:
        run_id = await workshop.book.create(order.request)
        request = order.request
        console.print(f"run {run_id} for channel {request.channel} ({request.autonomy}), {request.seconds} s, {request.format.value}", highlight=False)
        if request.offline and not request.sources:
            console.print(OFFLINE, markup=False, highlight=False)
        async with live_view(workshop, run_id, console):
            ended = await workshop.orchestrator.drive(run_id)
        while ended.waiting is not None and sys.stdin.isatty() and not order.as_json:
            if not await ask_person(workshop, ended.waiting, console):
                break
            async with live_view(workshop, run_id, console):
                ended = await workshop.orchestrator.drive(run_id)
        # The stand-ins end with a rehearsal, so its first look is made now; what it reads stands in no file.
        audience = await look_now(workshop, run_id) if request.rehearsal and ended.status == "published" else []
        return await deliver(workshop, ended, order, console, audience)


async def deliver(workshop: Workshop, ended: Ended, order: Order, console: Console, audience: Sequence[dict[str, Any]] = ()) -> Exported:
    """Write the run's files to its output folder and say how it ended, and what an audience said."""
    studio = await workshop.book.studio(ended.run_id)
    folder = (order.out or workshop.settings.home / "videos" / ended.run_id).expanduser().resolve()
    state = ended.state if ended.state is not None else await workshop.orchestrator.state(ended.run_id)
    exported = export_run(studio, state, ended.status, ended.reasons, folder)
    if order.as_json:
        typer.echo(json.dumps(exported.summary | ({"audience": list(audience)} if audience else {}), ensure_ascii=False, default=str))
    else:
        _tell(console, exported, ended)
        for line in figure_lines(audience):
            console.print(line, markup=False, highlight=False)
    return exported


def _tell(console: Console, exported: Exported, ended: Ended) -> None:
    summary = exported.summary
    lines = [f"{ended.status}: {'; '.join(ended.reasons)}"]
    if ended.status == "published":
        label = "" if summary["provenance"] == "real" else f" ({summary['provenance']})"
        lines = [f"published: {summary['title']}{label}"]
    if summary["video"]:
        lines.append(f"  video    {summary['video']}  ({summary['duration_s']:.1f} s, {summary['width']}x{summary['height']})")
    if summary["library"]:
        page = Path(summary["library"]) / "index.html"
        lines.append(f"  watch    {page if page.is_file() else summary['library']}")
    if ended.waiting is not None:
        choices = "--accept, --respond TEXT or --ignore" if ended.waiting.gate == "script" else "--accept, --edit-title TITLE, --respond TEXT or --ignore"
        lines.append(f"  decide   ytempire approve {ended.run_id} with one of {choices}")
    lines.append(f"  files    {exported.folder}")
    reasons = ("decisions.json", "sources.json") if summary["title"] else ("decisions.json",)
    lines.append(f"  why      {', '.join(str(exported.folder / name) for name in reasons)}")
    lines.append(f"  cost     ${summary['cost_usd']:.2f}, time {summary['timings_s']['total']:.0f} s")
    console.print()
    for line in lines:
        console.print(line, markup=False, highlight=False)
