"""Caption pages as patches: one layout per page, the spoken word in the accent, nothing ever moves."""

from collections import OrderedDict

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tools.render_video.caption_layout import CaptionLayout, Placed, font_of
from tools.render_video.planes import Patch, Rgba, rgba_to_patch

_KEPT_PAGES = 2


class CaptionRaster:
    """Draws the state of a page in which word k is spoken; keeps the last few pages only."""

    def __init__(self, layout: CaptionLayout) -> None:
        self._layout = layout
        self._pages: OrderedDict[tuple[str, ...], tuple[Rgba, Rgba, tuple[tuple[int, int, int, int], ...], tuple[int, int]]] = OrderedDict()
        self._state: tuple[tuple[str, ...], int, Patch | None] | None = None

    def patch(self, words: tuple[str, ...], spoken: int) -> Patch | None:
        """Return the patch of a page with word `spoken` highlighted (-1 for none)."""
        if self._state is not None and self._state[:2] == (words, spoken):
            return self._state[2]
        picture, origin = self.picture(words, spoken)
        patch = rgba_to_patch(picture, *origin)
        self._state = (words, spoken, patch)
        return patch

    def picture(self, words: tuple[str, ...], spoken: int) -> tuple[Rgba, tuple[int, int]]:
        """Return a page with word `spoken` highlighted as RGBA, and where its corner lies in the frame."""
        plain, lit, boxes, origin = self._page(words)
        if spoken < 0:
            return plain, origin
        x0, y0, x1, y1 = boxes[spoken]
        picture = plain.copy()
        picture[y0:y1, x0:x1] = lit[y0:y1, x0:x1]
        return picture, origin

    def _page(self, words: tuple[str, ...]) -> tuple[Rgba, Rgba, tuple[tuple[int, int, int, int], ...], tuple[int, int]]:
        if words not in self._pages:
            self._pages[words] = self._draw(words)
            while len(self._pages) > _KEPT_PAGES:
                self._pages.popitem(last=False)
        return self._pages[words]

    def _draw(self, words: tuple[str, ...]) -> tuple[Rgba, Rgba, tuple[tuple[int, int, int, int], ...], tuple[int, int]]:
        placed, size = self._layout.place(words)
        margin = round(size * 0.7)
        left = max(int(min(word.x for word in placed)) - margin, 0) // 2 * 2
        top = max(int(min(word.baseline for word in placed) - size) - margin, 0) // 2 * 2
        right = min(int(max(word.x + word.width for word in placed)) + margin, self._layout.width) // 2 * 2
        bottom = min(int(max(word.baseline for word in placed) + size * 0.4) + margin, self._layout.height) // 2 * 2
        box = (left, top, right, bottom)
        plain, lit = self._texts(placed, size, box)
        half_space = size * 0.12
        boxes = tuple(
            (
                max(round(word.x - half_space) - left, 0),
                max(round(word.baseline - size * 1.0) - top, 0),
                min(round(word.x + word.width + half_space) - left, right - left),
                min(round(word.baseline + size * 0.36) - top, bottom - top),
            )
            for word in placed
        )
        return plain, lit, boxes, (left, top)

    def _texts(self, placed: tuple[Placed, ...], size: int, box: tuple[int, int, int, int]) -> tuple[Rgba, Rgba]:
        """Draw a page in ink and in accent: a plate or a soft shadow with an outline, which both share, then the words."""
        style = self._layout.style
        font = font_of(style.family, style.weight, size)
        canvas = Image.new("RGBA", (box[2] - box[0], box[3] - box[1]), (0, 0, 0, 0))
        at = [((word.x - box[0], word.baseline - box[1]), word.text) for word in placed]
        outlined: Image.Image | None = None
        if style.treatment == "plate":
            canvas.alpha_composite(self._plate(canvas.size, placed, size, box))
        else:
            stroke = max(2, round(size * 0.075))
            shadow = self._outline(canvas.size, at, font, stroke + 1)
            mask = shadow.getchannel("A").filter(ImageFilter.GaussianBlur(size * 0.13)).point(lambda value: int(value * 0.55))
            canvas.paste(Image.new("RGBA", canvas.size, (*_rgb(style.outline), 255)), (0, 0))
            canvas.putalpha(mask)
            outlined = self._outline(canvas.size, at, font, stroke)
        coloured = []
        for colour in (style.ink, style.accent):
            layer = outlined.copy() if outlined is not None else Image.new("RGBA", canvas.size, (*_rgb(colour), 0))
            pen = ImageDraw.Draw(layer)
            for point, text in at:
                pen.text(point, text, font=font, anchor="ls", fill=colour)
            coloured.append(np.asarray(Image.alpha_composite(canvas, layer), np.uint8))
        return coloured[0], coloured[1]

    def _outline(self, canvas: tuple[int, int], at: list[tuple[tuple[float, float], str]], font: ImageFont.FreeTypeFont, stroke: int) -> Image.Image:
        """Draw the words as thick as their outline reaches; the dear part of a page."""
        colour = self._layout.style.outline
        layer = Image.new("RGBA", canvas, (*_rgb(colour), 0))
        pen = ImageDraw.Draw(layer)
        for point, text in at:
            pen.text(point, text, font=font, anchor="ls", fill=colour, stroke_width=stroke, stroke_fill=colour)
        return layer

    def _plate(self, canvas: tuple[int, int], placed: tuple[Placed, ...], size: int, box: tuple[int, int, int, int]) -> Image.Image:
        plate = Image.new("RGBA", canvas, (*_rgb(self._layout.style.outline), 0))
        pad = size * 0.32
        x0, x1 = min(word.x for word in placed) - pad, max(word.x + word.width for word in placed) + pad
        y0, y1 = min(word.baseline for word in placed) - size * 0.82 - pad * 0.5, max(word.baseline for word in placed) + size * 0.26 + pad * 0.5
        shape = (x0 - box[0], y0 - box[1], x1 - box[0], y1 - box[1])
        ImageDraw.Draw(plate).rounded_rectangle(shape, radius=size * 0.28, fill=(*_rgb(self._layout.style.outline), 212))
        return plate


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
