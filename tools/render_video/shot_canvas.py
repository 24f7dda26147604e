"""One shot made ready to draw: a moving ground, layers that enter, and any frame of it on demand."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from memory.artifacts import Layer
from tools.base import ToolError
from tools.render_video.footage import FootageReader, pace_of
from tools.render_video.kernels import Kernels, Plane, Resampler
from tools.render_video.planes import Frame, Patch, Rgba, lie_together, paste, rgb_to_planes, rgba_to_patch, stack, transform
from tools.render_video.timeline import ShotPlan

_RISE, _SLIDE = 0.035, 0.05
_NOTHING = (np.empty((0, 0), np.uint8),) * 3
_MOST_PIXELS = 40_000_000


class Reader(Protocol):
    """Where layers come from: bytes and files by digest."""

    def read(self, digest: str) -> bytes:
        """Return the verified bytes of an artifact."""
        ...

    def path(self, digest: str) -> Path:
        """Return the path of a verified artifact."""
        ...


@dataclass(frozen=True)
class Stage:
    """What every shot of a film shares: frame size, rate, ground colour and compiled loops."""

    width: int
    height: int
    fps: int
    ground: tuple[int, int, int]
    kernels: Kernels


@dataclass(frozen=True)
class Sprite:
    """A layer above the ground as a patch, and how it enters."""

    patch: Patch
    layer: Layer

    def progress(self, seconds: float) -> float:
        """Return how far the layer has entered, 0..1, eased out (cubic)."""
        if self.layer.enter == "none":
            return 1.0 if seconds >= self.layer.enter_at_s else 0.0
        share = (seconds - self.layer.enter_at_s) / max(self.layer.enter_for_s, 1e-3)
        return 1.0 - (1.0 - min(max(share, 0.0), 1.0)) ** 3


class ShotCanvas:
    """Draws frames of one shot; frame 0 is its nominal start, negative frames belong to the fade into it."""

    def __init__(self, plan: ShotPlan, stage: Stage, store: Reader) -> None:
        self._plan = plan
        self._stage = stage
        count = ground_count(plan.layers)
        self._moves = plan.layers[0].moves and (plan.zoom_from, plan.zoom_to) != (1.0, 1.0)
        self._resampler = Resampler(stage.kernels)
        self._footage = self._opened(store)
        self._planes = self._ground_planes(store, plan.layers[:count]) if self._footage is None else _NOTHING
        self._still: Frame | None = None
        self._still_count = -1
        self._merged: list[Patch] = []
        self._merged_count = 0
        self._sprites: list[Sprite] = []
        for layer in plan.layers[count:]:
            patch = rgba_to_patch(load_layer(store, layer.image, (stage.width, stage.height)))
            if patch is not None:
                self._sprites.append(Sprite(patch, layer))

    def draw(self, number: int, frame: Frame) -> None:
        """Fill `frame` with the shot's frame of that number."""
        seconds = number / self._stage.fps
        settled = self._settled(seconds)
        if self._moves or self._footage is not None:
            self._draw_ground(number, frame)
            for patch in self._merge(settled):
                paste(self._stage.kernels, frame, patch)
        else:
            np.copyto(frame.buffer, self._still_frame(settled).buffer)
        for sprite in self._sprites[settled:]:
            self._draw_sprite(sprite, number, frame)

    def close(self) -> None:
        """End the process that reads the footage, where there is one; drawing again starts it again."""
        if self._footage is not None:
            self._footage.close()

    def _settled(self, seconds: float) -> int:
        """Count the leading layers that no longer change."""
        count = 0
        for sprite in self._sprites:
            if sprite.progress(seconds) < 1.0 or self._travels(sprite.layer):
                break
            count += 1
        return count

    def _travels(self, layer: Layer) -> bool:
        return layer.moves and (self._plan.zoom_from, self._plan.zoom_to) != (1.0, 1.0)

    def _merge(self, count: int) -> list[Patch]:
        """Return the first layers as few patches: two that lie together become one, two that lie apart stay two."""
        if count < self._merged_count:
            self._merged, self._merged_count = [], 0
        for sprite in self._sprites[self._merged_count : count]:
            if self._merged and lie_together(self._merged[-1], sprite.patch):
                self._merged[-1] = stack(self._merged[-1], sprite.patch)
            else:
                self._merged.append(sprite.patch)
        self._merged_count = count
        return self._merged

    def _still_frame(self, count: int) -> Frame:
        if self._still is None or self._still_count != count:
            self._still = Frame.empty(self._stage.width, self._stage.height)
            for target, plane in zip(self._still.planes, self._planes, strict=True):
                np.copyto(target, plane)
            for sprite in self._sprites[:count]:
                paste(self._stage.kernels, self._still, sprite.patch)
            self._still_count = count
        return self._still

    def _opened(self, store: Reader) -> FootageReader | None:
        footage = self._plan.layers[0].footage
        if footage is None:
            return None
        stage = self._stage
        zoom = max(self._plan.zoom_from, self._plan.zoom_to) if self._moves else 1.0
        return FootageReader(footage, pace_of(footage.clip, self._plan, stage.fps), (stage.width, stage.height), store, zoom)

    def _ground_planes(self, store: Reader, layers: tuple[Layer, ...]) -> tuple[Plane, Plane, Plane]:
        """Return the planes of a still ground; a moving one is stored transposed, as the resampler reads it."""
        size = self._canvas_size() if self._moves else (self._stage.width, self._stage.height)
        planes = rgb_to_planes(flatten([load_layer(store, layer.image, size) for layer in layers], self._stage.ground))
        return transposed(planes) if self._moves else planes

    def _canvas_size(self) -> tuple[int, int]:
        """Return the size that the biggest zoom needs, so that no frame is an up-scale of a picture that is large enough."""
        most = max(self._plan.zoom_from, self._plan.zoom_to)
        return round(self._stage.width * most / 2) * 2, round(self._stage.height * most / 2) * 2

    def _draw_ground(self, number: int, frame: Frame) -> None:
        planes = self._planes
        if self._footage is not None:
            shown = self._footage.frame(number, self._stage.kernels)
            if not self._moves:
                np.copyto(frame.buffer, shown.buffer)
                return
            planes = transposed(shown.planes)
        zoom, x, y = window_at(self._plan, number)
        for target, source in zip(frame.planes, planes, strict=True):
            wide, high = source.shape
            view = (wide / zoom, high / zoom)
            self._resampler.fill(source, (wide * x - view[0] / 2, high * y - view[1] / 2, *view), target)

    def _draw_sprite(self, sprite: Sprite, number: int, frame: Frame) -> None:
        share = sprite.progress(number / self._stage.fps)
        if share <= 0.0:
            return
        scale, shift, opacity = _entrance(sprite, share, self._stage)
        if self._travels(sprite.layer):
            zoom, x, y = window_at(self._plan, number)
            scale = (scale[0] * zoom, scale[1] * zoom)
            shift = (shift[0] * zoom + (0.5 - x * zoom) * self._stage.width, shift[1] * zoom + (0.5 - y * zoom) * self._stage.height)
        patch: Patch | None = sprite.patch
        if (scale, shift) != ((1.0, 1.0), (0.0, 0.0)):
            patch = transform(sprite.patch, scale, shift, (self._stage.width, self._stage.height))
        if patch is not None:
            paste(self._stage.kernels, frame, patch, opacity)


def window_at(plan: ShotPlan, number: float) -> tuple[float, float, float]:
    """Return zoom and the centre of the visible window, as shares of the canvas, at a frame; eased in and out (smoothstep)."""
    span = max(plan.motion_end - plan.motion_start - 1, 1)
    share = min(max((number - plan.motion_start) / span, 0.0), 1.0)
    eased = share * share * (3.0 - 2.0 * share)
    zoom = plan.zoom_from + (plan.zoom_to - plan.zoom_from) * eased
    slack = (1.0 - 1.0 / zoom) / 2.0
    # A push pans as far as its growing slack allows; a pure pan travels from one side to the other.
    side = 2.0 * eased - 1.0 if plan.zoom_from == plan.zoom_to else 1.0
    return zoom, 0.5 + plan.pan[0] * slack * side, 0.5 + plan.pan[1] * slack * side


def _entrance(sprite: Sprite, share: float, stage: Stage) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Return scale, shift and opacity of a layer that has entered by `share`."""
    patch, rest = sprite.patch, 1.0 - share
    kind = sprite.layer.enter
    if kind == "rise":
        return (1.0, 1.0), (0.0, rest * _RISE * stage.height), share
    if kind == "slide_left":
        return (1.0, 1.0), (rest * _SLIDE * stage.width, 0.0), share
    if kind == "grow_up":
        return (1.0, share), (0.0, (patch.y + patch.alpha.shape[0]) * rest), 1.0
    if kind == "grow_right":
        return (share, 1.0), (patch.x * rest, 0.0), 1.0
    return (1.0, 1.0), (0.0, 0.0), share


def ground_count(layers: tuple[Layer, ...]) -> int:
    """Count the layers that can be flattened into the ground: present from the start and moving like the first; nothing is flattened into footage."""
    count = 1
    if layers[0].footage is not None:
        return count
    while count < len(layers) and layers[count].enter == "none" and layers[count].enter_at_s <= 0 and layers[count].moves == layers[0].moves:
        count += 1
    return count


def transposed(planes: tuple[Plane, Plane, Plane]) -> tuple[Plane, Plane, Plane]:
    """Return planes with rows and columns exchanged."""
    luma, u, v = (np.asarray(cv2.transpose(plane), np.uint8) for plane in planes)
    return luma, u, v


def load_layer(store: Reader, digest: str, size: tuple[int, int]) -> Rgba:
    """Decode a layer and cover `size` (width, height) with it; returns RGBA of that size."""
    data = np.frombuffer(store.read(digest), np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if len(data) else None
    if picture is None or picture.size > _MOST_PIXELS * 4:
        raise ToolError(f"layer {digest} is not a picture this renderer can read (PNG or JPEG, at most {_MOST_PIXELS // 1_000_000} megapixels); draw it again")
    rgba = _as_rgba(np.asarray(picture))
    return rgba if rgba.shape[1::-1] == size else _cover(rgba, *size)


def _as_rgba(picture: NDArray[Any]) -> Rgba:
    if picture.dtype == np.uint16:
        picture = (picture >> 8).astype(np.uint8)
    if picture.ndim == 2:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2RGBA), np.uint8)
    code = cv2.COLOR_BGRA2RGBA if picture.shape[2] == 4 else cv2.COLOR_BGR2RGBA
    return np.asarray(cv2.cvtColor(picture, code), np.uint8)


def _cover(rgba: Rgba, width: int, height: int) -> Rgba:
    """Scale without stretching until the frame is covered, and crop the middle."""
    scale = max(width / rgba.shape[1], height / rgba.shape[0])
    wide, high = max(width, round(rgba.shape[1] * scale)), max(height, round(rgba.shape[0] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    sized = np.asarray(cv2.resize(rgba, (wide, high), interpolation=method), np.uint8)
    left, top = (wide - width) // 2, (high - height) // 2
    return np.ascontiguousarray(sized[top : top + height, left : left + width])


def flatten(pictures: list[Rgba], ground: tuple[int, int, int]) -> Rgba:
    """Lay opaque and transparent pictures over the ground colour; returns RGB."""
    flat = np.ascontiguousarray(pictures[0][..., :3])
    if int(pictures[0][..., 3].min()) < 255:
        flat = _laid(np.full_like(flat, ground), pictures[0])
    for picture in pictures[1:]:
        flat = _laid(flat, picture)
    return flat


def _laid(under: Rgba, over: Rgba) -> Rgba:
    cover = over[..., 3:].astype(np.float32) / 255
    return np.clip(over[..., :3] * cover + under * (1 - cover) + 0.5, 0, 255).astype(np.uint8)
