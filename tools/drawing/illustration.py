"""Which scene illustrates a subject, and how strongly it stands behind words."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from memory.personality import Look
from tools.drawing import earth_scenes as earth
from tools.drawing import human_scenes as human
from tools.drawing.backdrop import Image
from tools.drawing.canvas import Canvas, Stage
from tools.drawing.motif_scenes import compose_motif
from tools.drawing.motifs import COMPOSITIONS, load_motifs

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


@dataclass(frozen=True)
class View:
    """What is painted: a subject's own scene, or a named motif in one of `COMPOSITIONS`; `stage` says where it stands."""

    subject: str
    motif: str = ""
    composition: int = 0
    stage: Stage | None = None


def illustrate(ground: Image, view: View, look: Look, rng: np.random.Generator, strength: float = 1.0) -> Image:
    """Paint a view over `ground` and return the image; `strength` below 1 makes it a quiet motif."""
    canvas = Canvas(image=ground.copy(), look=look, rng=rng, stage=view.stage)
    if view.motif:
        compose_motif(canvas, load_motifs()[view.motif], COMPOSITIONS[view.composition % len(COMPOSITIONS)])
    else:
        SCENES[view.subject](canvas)
    if strength == 1.0:
        return np.clip(canvas.image, 0, 255, out=canvas.image)
    return np.clip(ground + (canvas.image - ground) * strength, 0, 255).astype(np.float32)
