"""What is measured on a thumbnail, and how the measures make one heuristic score."""

import cv2
import numpy as np
import numpy.typing as npt

from tools.compose_thumbnail.schema import ThumbnailConcept
from tools.drawing.backdrop import Image
from tools.drawing.palette import contrast, luminance

Rgba = npt.NDArray[np.uint8]
SMALL = (168, 94)
WEIGHTS: dict[str, float] = {"contrast": 0.2, "text_size": 0.15, "legibility_168": 0.15, "brevity": 0.1, "colour": 0.05, "subject": 0.1, "promise": 0.25}
# One word alone rarely says what a video is about; four take longer than a glance.
BREVITY: dict[int, float] = {1: 0.5, 2: 1.0, 3: 1.0, 4: 0.8}
PROMISE: dict[str, float] = {"number": 0.9, "question": 1.0, "versus": 0.9, "picture": 1.0, "statement": 0.9}


def text_contrast(below: Image, words: Rgba) -> float:
    """Return the WCAG contrast that 98% of the text pixels reach over what is beneath them."""
    rows, columns = np.nonzero(words[..., 3] > 250)
    if rows.size == 0:
        return 0.0
    return float(np.percentile(contrast(words[rows, columns, :3].astype(np.float32), below[rows, columns]), 2))


def small_legibility(image: Image, words: Rgba) -> float:
    """Return the luminance contrast of the words to their surroundings once the frame is 168x94, as a ratio 1..21."""
    small = np.asarray(cv2.resize(image, SMALL, interpolation=cv2.INTER_AREA), np.float32)
    mask = cv2.resize(words[..., 3].astype(np.float32) / 255, SMALL, interpolation=cv2.INTER_AREA)
    near = cv2.dilate((mask > 0.3).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    light = luminance(small)
    inside, outside = light[mask > 0.75], light[near & (mask < 0.1)]
    if inside.size == 0 or outside.size == 0:
        return 1.0
    one, two = float(np.median(inside)), float(np.median(outside))
    return (max(one, two) + 0.05) / (min(one, two) + 0.05)


def colourfulness(image: Image) -> float:
    """Return Hasler and Süsstrunk's colourfulness (2003): about 0 for grey, over 80 for vivid."""
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    first, second = red - green, (red + green) / 2 - blue
    spread = float(np.hypot(first.std(), second.std()))
    return spread + 0.3 * float(np.hypot(first.mean(), second.mean()))


def likeness(image: Image) -> str:
    """Return `<difference hash>:<colours>` in hex: 256 bits that say where the picture gets brighter to the right, and the mean colour of its nine parts.

    The hash survives scaling, recompression and changes of tone (Krawetz, 2013).
    """
    grey = cv2.resize(luminance(image).astype(np.float32), (17, 16), interpolation=cv2.INTER_AREA)
    form = np.packbits(grey[:, 1:] > grey[:, :-1]).tobytes().hex()
    tint = cv2.resize(image, (3, 3), interpolation=cv2.INTER_AREA).round().clip(0, 255).astype(np.uint8)
    return f"{form}:{tint.tobytes().hex()}"


def scores(measured: dict[str, float], concept: ThumbnailConcept) -> dict[str, float]:
    """Return each named heuristic 0..1 from raw measures (contrast ratios, share of height, colourfulness, face count) and what the words promise."""
    return {
        "contrast": round(min(1.0, measured["contrast"] / 10), 3),
        "text_size": round(min(1.0, measured["text_share"] / 0.3), 3),
        "legibility_168": round(min(1.0, measured["small"] / 7), 3),
        "brevity": BREVITY.get(len(concept.words.split()), 0.5),
        "colour": round(min(1.0, measured["colour"] / 70), 3),
        "subject": 1.0 if measured["faces"] else 0.85 if measured["photo"] else 0.6,
        "promise": round(PROMISE[concept.concept] * concept.telling, 3),
    }


def total(parts: dict[str, float]) -> float:
    """Return the weighted sum of the heuristics."""
    return round(sum(WEIGHTS[name] * value for name, value in parts.items()), 4)
