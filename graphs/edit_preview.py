"""What an edit of a script will make again, told before it is taken: scenes, seconds of film, work and money, by what this video took before."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from pydantic import BaseModel

from agents import thumbnail_designer, voice_director
from graphs.made import Made, made_of
from graphs.request import ProductionRequest
from graphs.scenes import find
from graphs.script_edits import ScriptEdits, applied
from infra.database import UnitOfWork
from memory.artifacts import Brief, Frozen, Narration, Script, Storyboard
from memory.media import MediaStore
from memory.personality_changes import effective_personality
from memory.records.runs import RunRecord
from memory.repositories.film_work import DoneWork, FilmWorkRepository
from memory.repositories.snapshots import SnapshotRepository

M = TypeVar("M", bound=BaseModel)
MICROUSD_PER_USD = 1_000_000
# Done again for the scenes that change; what is neither this nor spoken nor rendered is done again as a whole, however small the edit.
_BY_SCENE = ("make_visual", "generate_picture", "paint_picture")
_STAGES = frozenset({"narrate", "design_thumbnail", "illustrate", "render", "inspect", "screen", "prepare"})
_LANES = (frozenset({"design_thumbnail"}), frozenset({"narrate", "illustrate"}))


class SceneAgain(Frozen):
    """A scene of the film as it will be, made again or for the first time."""

    id: str
    start_s: float
    end_s: float
    visual: str
    sentences: tuple[str, ...]


class EditPreview(Frozen):
    """What becomes of an edit.

    `scenes` are those that are made again, of `scenes_total`; `sentences` are spoken again; `film_s` of `film_total_s` is encoded again.
    `work_s` and `cost_usd` are what this video's own jobs took, for that share of them; null, and `why` says why, while none was measured.
    """

    scenes: tuple[SceneAgain, ...] = ()
    scenes_total: int = 0
    sentences: tuple[str, ...] = ()
    film_s: float = 0.0
    film_total_s: float = 0.0
    work_s: float | None = None
    cost_usd: float | None = None
    why: str = ""


NO_FILM = EditPreview(why="no film is made yet: all of it is made from the script once that is accepted")
NOT_KNOWN = "what the film was made from is not known any more, so all of it is made again"


def preview(session: UnitOfWork, store: MediaStore, run: RunRecord, edits: ScriptEdits) -> EditPreview:
    """Return what an edit that would be taken makes again; it has no effect."""
    made = made_of(session, run)
    if made.rendered is None:
        return NO_FILM
    foreseer = _Foreseer(session, store, run, made)
    scenes, anew, total_s = foreseer.scenes(edits)
    again = [one for one in scenes if one.anew]
    film_s = sum(one.end_s - one.start_s for one in again)
    share = Shares(scenes=len(again) / max(1, len(scenes)), spoken=foreseer.spoken_share(anew, edits), film=film_s / total_s if total_s else 1.0)
    done = FilmWorkRepository(session).list_done(run.id)
    work_s = work_seconds(done, share)
    return EditPreview(
        scenes=tuple(SceneAgain(id=one.id, start_s=one.start_s, end_s=one.end_s, visual=one.visual, sentences=one.sentences) for one in again),
        scenes_total=len(scenes),
        sentences=anew,
        film_s=round(film_s, 2),
        film_total_s=round(total_s, 2),
        work_s=work_s,
        cost_usd=None if work_s is None else cost_usd(done, share),
        why=foreseer.why if work_s is not None else "nothing of this video's own work is measured any more",
    )


class Shares(Frozen):
    """Which part is done again, 0..1: of the scenes, of what is spoken, of the film's seconds."""

    scenes: float
    spoken: float
    film: float


class _Foreseer:
    """Asks the agents that would do the work what of it they would do; where what they saw before is lost, all of it."""

    def __init__(self, session: UnitOfWork, store: MediaStore, run: RunRecord, made: Made) -> None:
        self._store, self._run = store, run
        self._request = ProductionRequest.model_validate(run.request)
        self._script, self._brief = find(store, made.script, Script), find(store, made.brief, Brief)
        self._board, self._heard = find(store, made.storyboard, Storyboard), find(store, made.narration, Narration)
        snapshots = {one.node: one.artifact for one in sorted(SnapshotRepository(session).list_(run.id), key=lambda one: one.iteration)}
        self._reading = find(store, snapshots.get("narrate"), voice_director.Snapshot)
        self._looking = find(store, snapshots.get("illustrate"), thumbnail_designer.Snapshot)
        self.why = ""

    def scenes(self, edits: ScriptEdits) -> tuple[tuple[thumbnail_designer.Foreseen, ...], tuple[str, ...], float]:
        """Return the scenes of the film as it will be, the sentences that are spoken again, and the seconds of the film."""
        if self._script is None or self._brief is None or self._heard is None or self._reading is None or self._looking is None:
            return self._everything(edits)
        after = applied(self._script, edits)
        personality = effective_personality(self._request.channel, self._run.personality)
        heard = voice_director.foresee(self._reading, after, self._heard, personality)
        tasks = [self._task(script, narration, self._brief) for script, narration in ((self._script, self._heard), (after, heard.narration))]
        scenes = thumbnail_designer.foresee(tasks[0], tasks[1], self._looking, (personality, self._request.seed))
        return scenes, heard.anew, scenes[-1].end_s

    def spoken_share(self, anew: Sequence[str], edits: ScriptEdits) -> float:
        """Return which part of all letters is spoken again."""
        letters = {one.id: len(one.text) for beat in edits.beats for one in beat.sentences}
        return sum(letters[one] for one in anew) / max(1, sum(letters.values()))

    def _task(self, script: Script, narration: Narration, brief: Brief) -> thumbnail_designer.IllustrateInput:
        return thumbnail_designer.IllustrateInput(script=script, narration=narration, brief=brief, format=self._request.format)

    def _everything(self, edits: ScriptEdits) -> tuple[tuple[thumbnail_designer.Foreseen, ...], tuple[str, ...], float]:
        self.why = NOT_KNOWN
        shots = self._board.shots if self._board is not None else ()
        scenes = tuple(thumbnail_designer.Foreseen(one.id, one.start_s, one.end_s, one.sentence_ids, one.kind, True) for one in shots)
        return scenes, tuple(one.id for beat in edits.beats for one in beat.sentences), scenes[-1].end_s if scenes else 0.0


def work_seconds(done: Sequence[DoneWork], share: Shares) -> float | None:
    """Return how long the stages after the script should take, by the first time that each was done; None where no film was rendered."""
    first = _first(done)
    if not any(one.tool == "render_video" for one in first):
        return None
    lanes = [_lane_seconds([one for one in first if _stage(one) in lane], share) for lane in _LANES]
    after = _lane_seconds([one for one in first if not any(_stage(one) in lane for lane in _LANES)], share)
    return round(max(lanes) + after, 1)


def cost_usd(done: Sequence[DoneWork], share: Shares) -> float:
    """Return what the calls should cost, by what they cost when everything was made: what was bought before is not bought again."""
    return round(sum(one.microusd * _part(one.tool, share) for one in _first(done)) / MICROUSD_PER_USD, 6)


def _first(done: Iterable[DoneWork]) -> list[DoneWork]:
    """Return the jobs of the first time that each stage was done: later ones may have found most of it in the store."""
    ours = [one for one in done if _stage(one) in _STAGES]
    first = {stage: min(one.iteration for one in ours if _stage(one) == stage) for stage in {_stage(one) for one in ours}}
    return [one for one in ours if one.iteration == first[_stage(one)]]


def _stage(one: DoneWork) -> str:
    return one.node.partition(".")[0]


def _part(tool: str, share: Shares) -> float:
    if tool in _BY_SCENE:
        return share.scenes
    return {"synthesize_speech": share.spoken, "render_video": share.film}.get(tool, 1.0)


def _lane_seconds(jobs: Sequence[DoneWork], share: Shares) -> float:
    """Return the seconds by the clock: jobs that were done beside each other count as far as they did not overlap."""
    whole = sum(one.seconds for one in jobs)
    return sum(_seconds(one, share) for one in jobs) * (_busy_s(jobs) / whole if whole > 0 else 1.0)


def _busy_s(jobs: Sequence[DoneWork]) -> float:
    busy, until = 0.0, 0.0
    for one in sorted(jobs, key=lambda job: job.started_s):
        end = one.started_s + one.seconds
        busy += max(0.0, end - max(until, one.started_s))
        until = max(until, end)
    return busy


def _seconds(one: DoneWork, share: Shares) -> float:
    """Return the seconds of one job, done again as far as it has to be."""
    timings = {name: float(value) for name, value in (one.figures.get("timings_s") or {}).items()}
    if one.tool == "render_video" and "pictures" in timings:
        # The sound is made beside the pictures, always as a whole.
        pictures, sound = timings["pictures"], timings.get("sound", 0.0)
        return max(0.0, one.seconds - max(pictures, sound)) + max(pictures * share.film, sound)
    if one.tool == "synthesize_speech" and "speak" in timings:
        return max(0.0, one.seconds - timings["speak"]) + timings["speak"] * share.spoken
    return one.seconds * _part(one.tool, share)
