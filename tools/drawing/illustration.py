"""Which scene illustrates a subject, and how strongly it stands behind words."""

from collections.abc import Callable

import numpy as np

from memory.personality import Look
from tools.drawing import earth_scenes as earth
from tools.drawing import human_scenes as human
from tools.drawing.backdrop import Image
from tools.drawing.canvas import Canvas

SCENES: dict[str, Callable[[Canvas], None]] = {
    "space": earth.space,
    "nature": earth.nature,
    "weather": earth.weather,
    "countries": earth.countries,
    "history": earth.history,
    "animals": earth.animals,
    "food": earth.food,
    "health": human.health,
    "technology": human.technology,
    "science": human.science,
    "economy": human.economy,
    "culture": human.culture,
    "energy": human.energy,
    "security": human.security,
}


def illustrate(ground: Image, subject: str, look: Look, rng: np.random.Generator, strength: float = 1.0) -> Image:
    """Paint the subject's scene over `ground` and return the image; `strength` below 1 makes it a quiet motif."""
    canvas = Canvas(image=ground.copy(), look=look, rng=rng)
    SCENES[subject](canvas)
    return np.clip(ground + (canvas.image - ground) * strength, 0, 255).astype(np.float32)
