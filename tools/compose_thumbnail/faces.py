"""Where faces are, so that words never cover one: OpenCV's Haar cascade, whose data ships with OpenCV 4."""

from functools import cache
from pathlib import Path

import cv2
import numpy as np

from tools.drawing.backdrop import Image

Face = tuple[int, int, int, int]
_NEIGHBOURS = 6


@cache
def _cascade() -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"))


def find_faces(image: Image) -> tuple[Face, ...]:
    """Return upright frontal faces as (x, y, width, height) in pixels, each at least a fourteenth of the image's height.

    Viola and Jones, "Rapid object detection using a boosted cascade" (2001), through `cv2.CascadeClassifier`.
    """
    grey = cv2.equalizeHist(cv2.cvtColor(np.clip(image, 0, 255).astype(np.uint8), cv2.COLOR_RGB2GRAY))
    least = max(24, image.shape[0] // 14)
    found = _cascade().detectMultiScale(grey, scaleFactor=1.1, minNeighbors=_NEIGHBOURS, minSize=(least, least))
    return tuple((int(x), int(y), int(w), int(h)) for x, y, w, h in found)


def overlap(box: tuple[float, float, float, float], faces: tuple[Face, ...]) -> float:
    """Return the share (0..1) of the most covered face that lies inside `box`."""
    shares = [0.0]
    for x, y, width, height in faces:
        across = max(0.0, min(box[0] + box[2], x + width) - max(box[0], x))
        down = max(0.0, min(box[1] + box[3], y + height) - max(box[1], y))
        shares.append(across * down / (width * height))
    return max(shares)


def face_focus(picture: Image) -> tuple[float, float]:
    """Return the point (shares of width and height) that a crop should keep: just below the faces, so that they stand high, else above the centre."""
    faces = find_faces(picture)
    if not faces:
        return (0.5, 0.4)
    across = sum(x + width / 2 for x, _, width, _ in faces) / len(faces)
    down = sum(y + height * 0.95 for _, y, _, height in faces) / len(faces)
    return (across / picture.shape[1], down / picture.shape[0])
