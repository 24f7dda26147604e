"""From seconds to frames: which shots, layers and words every segment of the film shows."""

from itertools import pairwise
from typing import Literal

from memory.artifacts import Format, Frozen, Layer, Narration, Shot, Storyboard
from tools.base import ToolError
from tools.render_video.pages import Page

MAX_SECONDS = 3 * 3600.0
MAX_FADE_S = 0.35
_SLACK_S = 0.02


class ShotPlan(Frozen):
    """A shot as one segment sees it.

    `start` is its first frame relative to the segment; [`motion_start`, `motion_end`) are the frames in which it is
    visible, relative to its own start.
    """

    layers: tuple[Layer, ...]
    zoom_from: float
    zoom_to: float
    pan: tuple[float, float]
    start: int
    motion_start: int
    motion_end: int


class PagePlan(Frozen):
    """A caption page inside a segment; all frames are relative to the segment and may lie outside it."""

    words: tuple[str, ...]
    word_frames: tuple[int, ...]
    start: int
    end: int


class Segment(Frozen):
    """The smallest piece that is encoded and cached: the body of one shot, or the cross-fade between two."""

    kind: Literal["body", "transition"]
    frames: int
    shots: tuple[ShotPlan, ...]
    pages: tuple[PagePlan, ...]


def check_film(storyboard: Storyboard, narration: Narration, form: Format | None) -> float:
    """Refuse a film that cannot be rendered, naming what is wrong; return its length in seconds."""
    shots = storyboard.shots
    if not shots:
        raise ToolError("storyboard.shots is empty; a film needs at least one shot")
    if form is not None and form is not storyboard.format:
        raise ToolError(f"format is {form.value} but the storyboard was drawn for {storyboard.format.value}; illustrate it again in that format")
    if abs(shots[0].start_s) > _SLACK_S:
        raise ToolError(f"shot {shots[0].id} starts at {shots[0].start_s:.3f} s; the first shot must start at 0")
    for shot in shots:
        _check_shot(shot)
    _check_order(shots)
    total = shots[-1].end_s
    if total > MAX_SECONDS:
        raise ToolError(f"the film is {total:.0f} s long; the limit is {MAX_SECONDS:.0f} s (3 hours): split it")
    if narration.duration_s > total + 0.1:
        raise ToolError(f"the narration lasts {narration.duration_s:.2f} s but the shots end at {total:.2f} s; extend the last shot")
    return total


def _check_order(shots: tuple[Shot, ...]) -> None:
    for before, after in pairwise(shots):
        if abs(after.start_s - before.end_s) > _SLACK_S:
            word = "a gap" if after.start_s > before.end_s else "an overlap"
            seams = f"shot {before.id} (ends {before.end_s:.3f} s) and shot {after.id} (starts {after.start_s:.3f} s)"
            raise ToolError(f"{word} between {seams}; shots must follow each other")


def _check_shot(shot: Shot) -> None:
    if not shot.layers:
        raise ToolError(f"shot {shot.id} has no layers; it needs at least one picture")
    if shot.end_s - shot.start_s < 0.1:
        raise ToolError(f"shot {shot.id} lasts {shot.end_s - shot.start_s:.3f} s; the least is 0.1 s")
    if not (1.0 <= shot.zoom_from <= 2.0 and 1.0 <= shot.zoom_to <= 2.0):
        raise ToolError(f"shot {shot.id} zooms {shot.zoom_from} to {shot.zoom_to}; both must be within 1.0 and 2.0")
    if shot.transition_s > MAX_FADE_S + 1e-6:
        raise ToolError(f"shot {shot.id}: transition_s {shot.transition_s} is over the limit of {MAX_FADE_S} s")


def plan_segments(storyboard: Storyboard, pages: tuple[Page, ...], fps: int) -> tuple[Segment, ...]:
    """Cut the film into bodies and cross-fades; a fade is centred on the cut and belongs to the shot that enters.

    Frames are numbered from the rounded start of each shot, so a segment's description holds nothing that depends on
    where in the film it lies, and an unchanged shot keeps its key when an earlier one changes.
    """
    plans = plan_shots(storyboard, fps)
    segments: list[Segment] = []
    for index, plan in enumerate(plans):
        cut, before = plan.start, -plan.motion_start
        if before:
            first, last = cut - before, cut + before
            views = tuple(_view(each, first) for each in plans[index - 1 : index + 1])
            segments.append(Segment(kind="transition", frames=last - first, shots=views, pages=_pages_in(pages, first, last, fps)))
        following = -plans[index + 1].motion_start if index + 1 < len(plans) else 0
        first, last = cut + before, cut + plan.motion_end - 2 * following
        segments.append(Segment(kind="body", frames=last - first, shots=(_view(plan, first),), pages=_pages_in(pages, first, last, fps)))
    return tuple(segments)


def plan_shots(storyboard: Storyboard, fps: int) -> tuple[ShotPlan, ...]:
    """Return every shot in frames; here `start` counts from the start of the film."""
    shots = storyboard.shots
    cuts = [round(shot.start_s * fps) for shot in shots] + [round(shots[-1].end_s * fps)]
    fades = _fade_frames(shots, cuts, fps)
    return tuple(
        ShotPlan(
            layers=shot.layers,
            zoom_from=shot.zoom_from,
            zoom_to=shot.zoom_to,
            pan=shot.pan,
            start=cuts[index],
            motion_start=-fades[index],
            motion_end=cuts[index + 1] - cuts[index] + fades[index + 1],
        )
        for index, shot in enumerate(shots)
    )


def _fade_frames(shots: tuple[Shot, ...], cuts: list[int], fps: int) -> list[int]:
    """Frames that the fade into shot i takes on either side of cut i; never more than a third of either shot."""
    halves = [0] * (len(shots) + 1)
    for index in range(1, len(shots)):
        if shots[index].transition == "fade":
            room = min(cuts[index] - cuts[index - 1], cuts[index + 1] - cuts[index]) // 3
            halves[index] = min(round(shots[index].transition_s * fps / 2), room)
    return halves


def _view(plan: ShotPlan, segment_start: int) -> ShotPlan:
    return plan.model_copy(update={"start": plan.start - segment_start})


def _pages_in(pages: tuple[Page, ...], first: int, last: int, fps: int) -> tuple[PagePlan, ...]:
    found = []
    for page in pages:
        start, end = round(page.start_s * fps), round(page.end_s * fps)
        if start < last and end > first:
            frames = tuple(round(word.start_s * fps) - first for word in page.words)
            found.append(PagePlan(words=tuple(word.text for word in page.words), word_frames=frames, start=start - first, end=end - first))
    return tuple(found)
