"""How a sentence may feel, apart from the port of voices: what names feelings needs no sound."""

from typing import Literal

Emotion = Literal["neutral", "warm", "serious", "lively", "calm"]
# What a feeling does to liveliness (0..1) and to the pitch (semitones); each voice has its own controls for the two.
EMOTIONS: dict[Emotion, tuple[float, float]] = {
    "neutral": (0.0, 0.0),
    "warm": (0.05, -0.3),
    "serious": (-0.15, -1.0),
    "lively": (0.2, 0.8),
    "calm": (-0.2, -0.5),
}
