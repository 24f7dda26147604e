"""How long the narration stage takes beside the bare voice model on the same sentences, taking turns in one run."""

import statistics
import tempfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from infra.settings import Settings
from memory.media import MediaStore
from tools.base import ToolContext
from tools.synthesize_speech.normalise import read_text
from tools.synthesize_speech.schema import Args, Result, SpokenSentence
from tools.synthesize_speech.takes import plan_line
from tools.synthesize_speech.tool import run
from tools.vendors.piper.client import warm_client
from tools.vendors.piper.voices import prepare_voice

RATIO_LIMIT = 1.3
_VOICE = "joe-medium"
_TEXTS = (
    "A river that crosses 12 countries starts as a trickle you could step over.",
    "In 1963, engineers measured it for the first time, and nobody believed the figure.",
    "It carries 3,000 cubic meters of water a second, enough to fill a stadium in minutes.",
    "The people who live beside it call it the old road, because it was there before any other.",
    "Between June and September it rises by 8 m, and the fields disappear.",
    "Then, almost overnight, it falls again, and what it leaves behind is the best soil in the region.",
    "Farmers have built their year around that rhythm for at least 40 generations.",
    "What happens when the rhythm changes?",
)


class SpeechBench(BaseModel):
    """Medians of the rounds in seconds; `ratio` is the median of each round's own ratio, and `revoice_ratio` what one changed sentence of eight costs."""

    model_config = ConfigDict(frozen=True)

    rounds: int
    sentences: int
    audio_s: float
    bare_s: float
    stage_s: float
    ratio: float
    limit: float
    cached_s: float
    revoice_ratio: float
    real_time_factor: float


def measure_speech(settings: Settings, rounds: int = 5) -> dict[str, object]:
    """Return the bench as a dict: the warm narration stage against the model's own time (`session.run`, same process and threads).

    Every round has a fresh media store, so that nothing comes from the cache; a first unmeasured round warms both sides.
    """
    prepared = prepare_voice(settings, _VOICE)
    client = warm_client(prepared.model, prepared.voice.config)
    args = _args(_TEXTS)
    requests = [plan_line(sentence, read_text(sentence.text), args).request for sentence in args.sentences]
    bare: list[float] = []
    stage: list[Result] = []
    cached: list[float] = []
    changed: list[float] = []
    try:
        for measured in range(rounds + 1):
            with tempfile.TemporaryDirectory(prefix="bench-speech-") as folder:
                ctx = ToolContext(settings=settings, store=MediaStore(Path(folder) / "media"), scratch=Path(folder))
                floor = client.bare_s(requests)
                results = [run(args, ctx), run(args, ctx), run(_args((*_TEXTS[:-1], "What happens when the rhythm breaks?")), ctx)]
            if measured:
                bare.append(floor)
                stage.append(results[0])
                cached.append(results[1].timings_s["total"])
                changed.append(results[2].timings_s["total"])
    finally:
        client.close()
    return _summary(bare, stage, cached, changed).model_dump()


def _summary(bare: list[float], stage: list[Result], cached: list[float], changed: list[float]) -> SpeechBench:
    took = [one.timings_s["total"] for one in stage]
    return SpeechBench(
        rounds=len(bare),
        sentences=len(_TEXTS),
        audio_s=round(stage[0].duration_s, 2),
        bare_s=round(statistics.median(bare), 4),
        stage_s=round(statistics.median(took), 4),
        ratio=round(statistics.median(ours / floor for ours, floor in zip(took, bare, strict=True)), 3),
        limit=RATIO_LIMIT,
        cached_s=round(statistics.median(cached), 4),
        revoice_ratio=round(statistics.median(one / whole for one, whole in zip(changed, took, strict=True)), 3),
        real_time_factor=round(statistics.median(took) / stage[0].duration_s, 4),
    )


def _args(texts: tuple[str, ...]) -> Args:
    return Args(sentences=tuple(SpokenSentence(id=f"s{index}", text=text) for index, text in enumerate(texts)), voice=_VOICE)
