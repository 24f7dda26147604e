"""The bench's film as a MoviePy user writes it: pictures and texts as clips, moved by functions of time, laid over each other."""

from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np
from moviepy import CompositeVideoClip, ImageClip, TextClip, VideoClip
from moviepy.video.fx import CrossFadeIn
from PIL import Image

from infra.fonts import font_file
from memory.artifacts import Layer, Shot
from tools.render_video.caption_layout import CaptionLayout, font_of
from tools.render_video.moviepy_composer import Picture
from tools.render_video.pages import Page
from tools.render_video.shot_canvas import window_at
from tools.render_video.timeline import ShotPlan, plan_shots


def assemble_by_the_manual(picture: Picture) -> VideoClip:
    """Return the film of `picture` in MoviePy's own idioms, from the source pictures themselves.

    Nothing of our drawing is used, only the times, the motion and the places of the storyboard. A photograph moves as the
    manual moves one: `resized` by a function of time, from the file's own size. Nothing is slowed down: a transparent picture
    is cropped to what is visible, every text is drawn once, and a cross-fade puts its mask on the finished shot.
    """
    film = picture.film
    clips: list[VideoClip] = []
    for shot, plan in zip(picture.storyboard.shots, plan_shots(picture.storyboard, film.fps), strict=True):
        clip = CompositeVideoClip(list(_layers(shot, plan, picture)), size=(film.width, film.height), bg_color=(0, 0, 0))
        fade = -2 * plan.motion_start / film.fps
        if fade > 0:
            clip = clip.with_effects([CrossFadeIn(fade)])
        clips.append(clip.with_start((plan.start + plan.motion_start) / film.fps))
    layout = CaptionLayout(film.captions, film.format, (film.width, film.height))
    for page in picture.pages:
        clips.extend(_page(page, layout))
    return CompositeVideoClip(clips, size=(film.width, film.height), bg_color=(0, 0, 0)).with_duration(picture.storyboard.shots[-1].end_s)


def _layers(shot: Shot, plan: ShotPlan, picture: Picture) -> Iterator[VideoClip]:
    """Yield the clips of one shot, which begins when the fade into it begins."""
    film = picture.film
    seconds = (plan.motion_end - plan.motion_start) / film.fps
    ground = np.asarray(Image.open(BytesIO(picture.store.read(shot.layers[0].image))).convert("RGB"))
    yield _pushed(ImageClip(ground, duration=seconds), plan, picture)
    lead = -plan.motion_start / film.fps
    for layer in shot.layers[1:]:
        drawn = Image.open(BytesIO(picture.store.read(layer.image)))
        box = drawn.getbbox()
        start = lead + layer.enter_at_s
        if box is not None and start < seconds:
            clip = ImageClip(np.asarray(drawn.crop(box)), transparent=True, duration=seconds - start).with_start(start)
            yield _entering(clip, layer, (box[0], box[1]), film.height)


def _pushed(clip: VideoClip, plan: ShotPlan, picture: Picture) -> VideoClip:
    """Let a photograph that covers the frame grow and drift as its shot says."""
    film = picture.film
    cover = max(film.width / clip.w, film.height / clip.h)

    def corner(seconds: float) -> tuple[float, float]:
        zoom, x, y = window_at(plan, plan.motion_start + seconds * film.fps)
        return (0.5 - x * zoom) * film.width, (0.5 - y * zoom) * film.height

    return clip.resized(lambda t: cover * window_at(plan, plan.motion_start + t * film.fps)[0]).with_position(corner)


def _entering(clip: VideoClip, layer: Layer, at: tuple[int, int], frame_height: int) -> VideoClip:
    """Let a layer rise and fade in, or grow from its foot: the two entrances of the bench's film."""
    width, height = clip.size
    eased: Callable[[float], float] = lambda t: 1 - (1 - min(max(t / layer.enter_for_s, 0.0), 1.0)) ** 3  # noqa: E731 - as the manual writes motion
    if layer.enter == "grow_up":
        tall: Callable[[float], int] = lambda t: max(1, round(height * eased(t)))  # noqa: E731
        return clip.resized(lambda t: (width, tall(t))).with_position(lambda t: (at[0], at[1] + height - tall(t)))
    risen = clip.with_position(lambda t: (at[0], at[1] + (1 - eased(t)) * 0.035 * frame_height))
    return risen.with_effects([CrossFadeIn(layer.enter_for_s)])


def _page(page: Page, layout: CaptionLayout) -> Iterator[VideoClip]:
    """Yield a caption page: each line in ink while the page stands, the spoken word in the accent above it."""
    style = layout.style
    placed, size = layout.place(tuple(word.text for word in page.words))
    stroke = max(2, round(size * 0.075))
    rise = font_of(style.family, style.weight, size).getmetrics()[0] + stroke
    file = str(font_file(style.family, style.weight))

    def text(words: str, colour: str) -> VideoClip:
        # The margin below, because TextClip cuts off what hangs under the baseline.
        return TextClip(font=file, text=words, font_size=size, color=colour, stroke_color=style.outline, stroke_width=stroke, margin=(0, 0, 0, size // 3))

    for baseline in sorted({word.baseline for word in placed}):
        line = [word for word in placed if word.baseline == baseline]
        clip = text(" ".join(word.text for word in line), style.ink).with_start(page.start_s).with_end(page.end_s)
        yield clip.with_position((round(line[0].x) - stroke, round(baseline) - rise))
    ends = [*(word.start_s for word in page.words[1:]), page.end_s]
    for word, spoken, end in zip(placed, page.words, ends, strict=True):
        if end > spoken.start_s:
            lit = text(word.text, style.accent).with_start(spoken.start_s).with_end(end)
            yield lit.with_position((round(word.x) - stroke, round(word.baseline) - rise))
