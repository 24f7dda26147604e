"""What `synthesize_speech` takes and gives."""

from pydantic import BaseModel, ConfigDict, Field

from tools.base import Args as BaseArgs
from tools.base import Result as BaseResult
from tools.base import ToolSpec
from tools.vendors.emotions import Emotion


class SpokenSentence(BaseModel):
    """One sentence: `text` is what captions show; `spoken` replaces the words that are said, where the rules would err."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    text: str
    spoken: str | None = None
    pause_after_s: float = Field(default=0.35, ge=0, le=1.2, description="silence after the sentence, in seconds")
    pace: float = Field(default=1.0, ge=0.7, le=1.4, description="speed relative to the narration's: 1.1 is 10% faster")
    emphasis: float = Field(default=0.0, ge=0, le=1, description="0 plain to 1 strong: slightly louder, slower and livelier")
    emotion: Emotion = "neutral"


class Args(BaseArgs):
    """Sentences in spoken order, and how they are read.

    `voice` is a Piper voice's name, `elevenlabs:<voice id>` (`auto`: a ready-made voice of the language) or `google_tts:<voice name>`.
    `fallback` is the Piper voice that reads when the paid one cannot; without it the trouble is an error.
    """

    sentences: tuple[SpokenSentence, ...]
    voice: str = "joe-medium"
    fallback: str = ""
    language: str = Field(default="en", pattern="^[a-z]{2}$")
    monetised: bool = Field(default=False, description="the channel earns money, so the voice's licence must allow that")
    length_scale: float = Field(default=1.0, ge=0.5, le=2.0, description="length of every sound: 1.1 is 10% slower")
    expressiveness: float = Field(default=0.5, ge=0, le=1)
    lead_s: float = Field(default=0.2, ge=0, le=1, description="silence before the first sentence, in seconds")
    pronunciations: dict[str, str] = Field(default_factory=dict, description="written form to respelling, or to /IPA/; before the shipped lexicon")


class Result(BaseResult):
    """`narration` names a `Narration` as JSON in the media store; `audio` its mono 16-bit WAV at the voice's own rate.

    `degraded_from` names the wanted voice when the fallback read instead, and `degraded_why` what went wrong. In
    `estimated_sentences` sentences the provider gave no usable word times: those were found from the sound.
    """

    narration: str
    audio: str
    duration_s: float
    words_per_minute: float
    loudness_lufs: float
    longest_silence_s: float
    cached_sentences: int
    spoken_sentences: int
    model_s: float
    timings_s: dict[str, float]
    voice: str = ""
    degraded_from: str = ""
    degraded_why: str = ""
    estimated_sentences: int = 0
    cost_micro_usd: int = 0


SPEC = ToolSpec(
    name="synthesize_speech",
    queue="cpu",
    args=Args,
    result=Result,
    implementation="tools.synthesize_speech.tool:run",
    timeout_s=600.0,
    max_attempts=3,
    why_not_alone="",
)
