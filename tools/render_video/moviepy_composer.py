"""The second composer: the same storyboard through MoviePy, slower, but open to a user's own effects."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from moviepy import CompositeVideoClip, ImageClip, VideoClip
from moviepy.video.fx import CrossFadeIn

from memory.artifacts import Shot, Storyboard
from tools.base import ToolError
from tools.render_video.caption_layout import CaptionLayout
from tools.render_video.caption_raster import CaptionRaster
from tools.render_video.encoding import COLOUR_TAGS, x264_options
from tools.render_video.film import Film
from tools.render_video.footage import FootageReader, pace_of
from tools.render_video.kernels import compile_kernels
from tools.render_video.pages import Page
from tools.render_video.planes import planes_to_rgb, rgba_to_patch
from tools.render_video.shot_canvas import Reader, Sprite, Stage, flatten, ground_count, load_layer, window_at
from tools.render_video.timeline import ShotPlan, plan_shots

_RGB_TO_BT709 = "scale=in_range=pc:out_range=tv:out_color_matrix=bt709,format=yuv420p"


@dataclass(frozen=True)
class Picture:
    """What MoviePy shall draw: the film's shape, its shots and its caption pages."""

    film: Film
    storyboard: Storyboard
    pages: tuple[Page, ...]
    store: Reader


def compose(picture: Picture, effect: str | None, target: Path, drawn: Callable[[int], None]) -> None:
    """Write a silent film of the same frames, rate and colours as the native composer to `target`.

    `effect` names a function `module:name` that takes and returns a MoviePy clip.
    """
    film = picture.film
    composite = assemble(picture)
    if effect is not None:
        composite = load_effect(effect)(composite)

    def counted(frame_at: Callable[[float], Any], seconds: float) -> Any:
        drawn(round(seconds * film.fps))
        return frame_at(seconds)

    try:
        write(composite.transform(counted), film.fps, target)
    finally:
        composite.close()


def write(clip: VideoClip, fps: int, target: Path) -> None:
    """Encode a clip without sound by MoviePy, with the settings and colours of the native composer."""
    kept = [word for word in x264_options(fps, 2) if word not in {"-c:v", "libx264"}]
    filters = ["-vf", f"{_RGB_TO_BT709},{COLOUR_TAGS}"]
    try:
        clip.write_videofile(str(target), fps=fps, codec="libx264", audio=False, preset="veryfast", threads=2, logger=None, ffmpeg_params=[*kept, *filters])
    except OSError as error:
        raise ToolError(f"the MoviePy composer failed: {error}") from error


def load_effect(reference: str) -> Callable[[VideoClip], VideoClip]:
    """Return the function that `module:name` names; raise `ToolError` when there is none."""
    module, _, name = reference.partition(":")
    try:
        found: Callable[[VideoClip], VideoClip] = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ToolError(f"effect {reference!r} cannot be loaded ({error}); name a function as module:name") from error
    return found


def assemble(picture: Picture) -> VideoClip:
    """Return the whole film as one clip: shots with cross-fades, captions above."""
    film = picture.film
    ground = (int(film.ground[1:3], 16), int(film.ground[3:5], 16), int(film.ground[5:7], 16))
    stage = Stage(film.width, film.height, film.fps, ground, compile_kernels(Path(film.cache_root) / "numba"))
    clips: list[VideoClip] = []
    for shot, plan in zip(picture.storyboard.shots, plan_shots(picture.storyboard, film.fps), strict=True):
        clip = _shot_clip(shot, plan, stage, picture.store)
        fade = -2 * plan.motion_start / film.fps
        if fade > 0:
            clip = clip.with_effects([CrossFadeIn(fade)])
        clips.append(clip.with_start((plan.start + plan.motion_start) / film.fps))
    clips.extend(_caption_clips(picture))
    last = picture.storyboard.shots[-1]
    return CompositeVideoClip(clips, size=(film.width, film.height), bg_color=ground).with_duration(round(last.end_s * film.fps) / film.fps)


def _shot_clip(shot: Shot, plan: ShotPlan, stage: Stage, store: Reader) -> VideoClip:
    """One shot as a clip that begins when the fade into it begins."""
    seconds = (plan.motion_end - plan.motion_start) / stage.fps
    lead = -plan.motion_start / stage.fps
    count = ground_count(shot.layers)
    size = (stage.width, stage.height)
    ground = _ground(shot, plan, stage, store).with_duration(seconds)
    clips = [_moving(ground, plan, stage) if shot.layers[0].moves else ground]
    for layer in shot.layers[count:]:
        rgba = load_layer(store, layer.image, size)
        patch = rgba_to_patch(rgba)
        if patch is None:
            continue
        height, width = patch.alpha.shape
        start = max(lead + layer.enter_at_s, 0.0)
        cut = np.ascontiguousarray(rgba[patch.y : patch.y + height, patch.x : patch.x + width])
        if start < seconds:
            clip = ImageClip(cut, transparent=True, duration=seconds - start).with_start(start)
            clips.append(_entering(clip, Sprite(patch, layer), stage))
    return CompositeVideoClip(clips, size=size, bg_color=stage.ground).with_duration(seconds)


def _ground(shot: Shot, plan: ShotPlan, stage: Stage, store: Reader) -> VideoClip:
    """What lies at the bottom of a shot: its footage, else its flattened stills."""
    footage = shot.layers[0].footage
    size = (stage.width, stage.height)
    if footage is None:
        return ImageClip(flatten([load_layer(store, layer.image, size) for layer in shot.layers[: ground_count(shot.layers)]], stage.ground))
    reader = FootageReader(footage, pace_of(footage.clip, plan, stage.fps), size, store)

    def frame_at(seconds: float) -> Any:
        return planes_to_rgb(reader.frame(plan.motion_start + round(seconds * stage.fps), stage.kernels))

    return VideoClip(frame_function=frame_at)


def _moving(clip: VideoClip, plan: ShotPlan, stage: Stage) -> VideoClip:
    def zoom(seconds: float) -> float:
        return window_at(plan, plan.motion_start + seconds * stage.fps)[0]

    def corner(seconds: float) -> tuple[float, float]:
        scale, x, y = window_at(plan, plan.motion_start + seconds * stage.fps)
        return (0.5 - x * scale) * stage.width, (0.5 - y * scale) * stage.height

    return clip.resized(zoom).with_position(corner)


def _entering(clip: VideoClip, sprite: Sprite, stage: Stage) -> VideoClip:
    """Let a layer enter as its storyboard says: by a fade, from a side, or growing from its foot or its left edge."""
    patch, layer = sprite.patch, sprite.layer
    height, width = patch.alpha.shape

    def share(seconds: float) -> float:
        return sprite.progress(layer.enter_at_s + seconds)

    if layer.enter == "grow_up":
        grown = clip.resized(lambda t: (width, max(1, round(height * share(t)))))
        return grown.with_position(lambda t: (patch.x, patch.y + height - max(1, round(height * share(t)))))
    if layer.enter == "grow_right":
        return clip.resized(lambda t: (max(1, round(width * share(t))), height)).with_position((patch.x, patch.y))
    down, side = {"rise": (0.035, 0.0), "slide_left": (0.0, 0.05)}.get(layer.enter, (0.0, 0.0))
    placed = clip.with_position(lambda t: (patch.x + (1 - share(t)) * side * stage.width, patch.y + (1 - share(t)) * down * stage.height))
    return placed if layer.enter == "none" else placed.with_effects([CrossFadeIn(layer.enter_for_s)])


def _caption_clips(picture: Picture) -> list[VideoClip]:
    """One clip per word state, drawn by the same raster as the native composer's."""
    film = picture.film
    raster = CaptionRaster(CaptionLayout(film.captions, film.format, (film.width, film.height)))
    clips = []
    for page in picture.pages:
        words = tuple(word.text for word in page.words)
        ends = [*(word.start_s for word in page.words[1:]), page.end_s]
        for index, (word, end) in enumerate(zip(page.words, ends, strict=True)):
            start, stop = round(word.start_s * film.fps) / film.fps, round(end * film.fps) / film.fps
            if stop > start:
                rgba, origin = raster.picture(words, index)
                clips.append(ImageClip(rgba, transparent=True, duration=stop - start).with_start(start).with_position(origin))
    return clips
