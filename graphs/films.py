"""A film that came finished: taken in where others are written and made, and measured by what holds for every file that is published."""

from typing import Literal

from langgraph.runtime import Runtime

from agents import scriptwriter
from graphs import videos
from graphs.bodies import Cited, GateReport
from graphs.context import Studio
from graphs.state import Inspected, ProductionState, Reviewed, Update, Written
from graphs.troubles import may_pass
from infra.errors import Invalid
from memory.artifacts import Decision, GateResult, Provenance, RenderedVideo
from memory.ready_film import ReadyFilm
from tools.call import JobFailed
from tools.inspect_media.schema import SPEC as INSPECT_MEDIA
from tools.inspect_media.schema import Args as InspectArgs
from tools.take_film.schema import SPEC as TAKE_FILM
from tools.take_film.schema import TakeFilmArgs, TakeFilmResult

HAND = "production"
# What its maker chose, and no file is broken by: it is told, and a channel whose policy asks for it lets a person decide.
_CHOSEN = frozenset({"black", "flat", "frozen", "visual_change", "repeated_shots", "silence"})
_NOT_WRITTEN = "the film came finished and is not made anew; hand in another one with another task"


def begin(state: ProductionState, runtime: Runtime[Studio]) -> Literal["scout", "take_in"]:  # noqa: ARG001 - LangGraph hands both
    """Take in what came finished; look for a story otherwise."""
    return "scout" if runtime.context.request.film is None else "take_in"


async def take_in(state: ProductionState, runtime: Runtime[Studio]) -> Update:  # noqa: ARG001 - as above
    """Bring a finished film into the studio's shape, and stand in for every stage that would have made it."""
    studio = runtime.context
    film, provenance = _film(studio), studio.provenance
    ctx = studio.node("take_in", 0, HAND, provenance)
    args = TakeFilmArgs(film=film.film, captions=film.captions, format=studio.request.format, title=film.title, rights=film.stated)
    try:
        made = await ctx.call(TAKE_FILM, args)
    except JobFailed as failed:
        if may_pass(failed) or failed.state != "dead":
            raise
        return {"scout": {"brief": None, "provenance": provenance.value, "refusal": failed.message}}
    await studio.decide("take_in", 0, (_decision(film, made),))
    await videos.settle(studio, provenance, film.title)
    brief = await studio.keep(scriptwriter.brief_of(film, made.pictures, studio.personality, provenance), "brief", provenance)
    written = await _written(studio, film, made)
    return {
        "film": film.film,
        "scout": {"brief": brief, "provenance": provenance.value, "refusal": None},
        "write": written,
        "review": await _reviewed(studio, written),
        "video": made.rendered,
    }


async def inspect(studio: Studio, state: ProductionState) -> Inspected:
    """Measure the file as any other. What its maker chose warns and no more, and no stage is sent back: none of them made it."""
    ctx = studio.node("inspect", 0, HAND, state["scout"]["provenance"])
    video = studio.load(state["video"], RenderedVideo)
    captions = video.captions_srt if _film(studio).captions is not None else None
    result = await ctx.call(INSPECT_MEDIA, InspectArgs(video=video.video, captions=captions, format=studio.request.format, fps=video.fps))
    gates = tuple(_softened(gate) for gate in result.gates)
    report = GateReport(gates=gates)
    kept = await studio.keep(report, "inspection", ctx.provenance)
    passed, warned = not report.failing, any(not gate.passed for gate in gates)
    return {"report": kept, "passed": passed, "warned": warned, "revision": 0, "send_back": None, "rounds": 0, "turned_down": [] if passed else [kept]}


def description(studio: Studio, provenance: Provenance) -> str | None:
    """Return what viewers are told of a film that came finished; None for a video that the studio makes."""
    film = studio.request.film
    return None if film is None else scriptwriter.film_description(film, studio.personality, provenance)


def unwritten(revision: int) -> Written:
    """Return the writer's slice of a film that a person sends back: nothing is written for it."""
    return {"script": None, "cited": None, "revision": revision, "attempt": 0, "refusal": _NOT_WRITTEN}


async def _written(studio: Studio, film: ReadyFilm, made: TakeFilmResult) -> Written:
    script = await studio.keep(scriptwriter.script_of(film, made.words), "script", studio.provenance)
    cited = await studio.keep(Cited(passages=()), "cited", studio.provenance)
    return {"script": script, "cited": cited, "revision": 0, "attempt": 0, "refusal": None}


async def _reviewed(studio: Studio, written: Written) -> Reviewed:
    """Return the slice of a review that measured nothing: below the floor, so that a channel whose policy asks for quality asks a person."""
    report = await studio.keep(scriptwriter.unreviewed(), "review", studio.provenance)
    best = {"best": written["script"], "best_cited": written["cited"], "best_quality": 0.0, "best_report": report}
    return {"quality": 0.0, "verdict": "pass", "feedback": [], "report": report, "revision": 0, **best}  # type: ignore[typeddict-item]


def _softened(gate: GateResult) -> GateResult:
    return gate.model_copy(update={"severity": "warn"}) if gate.name in _CHOSEN else gate


def _film(studio: Studio) -> ReadyFilm:
    if studio.request.film is None:
        raise Invalid("film: this run was asked for no finished film")
    return studio.request.film


def _decision(film: ReadyFilm, made: TakeFilmResult) -> Decision:
    return Decision(
        agent=HAND,
        question="What is shown?",
        choice=f"the film {film.film[:12]}, as it came",
        reasons=(
            f"rights: {film.stated.licence_name}{f', {film.credit}' if film.credit else ''}",
            f"captions: {film.no_captions or 'as they were handed in'}",
            f"{made.duration_s:.1f} s at {made.fps} frames a second, brought to {made.integrated_lufs:.1f} LUFS and {made.true_peak_dbtp:.1f} dBTP",
        ),
    )
