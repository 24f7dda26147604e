"""How a script is read: pure decisions on voice, pace, pauses, emphasis and readings, with their reasons."""

from dataclasses import dataclass, replace

from agents.voice_director.casting import FITTED_WORDS_PER_MINUTE, Casting, rate_of
from agents.voice_director.schemas import Snapshot, VoiceAtHand
from infra.errors import Invalid
from memory.artifacts import Decision, Script, Sentence
from memory.personality import Personality
from tools.synthesize_speech.normalise import Token, Unspeakable, read_text
from tools.synthesize_speech.schema import Args, Result, SpokenSentence
from tools.vendors.emotions import Emotion

AGENT = "voice_director"
PACE_LIMIT = 0.12
SLOT_TOLERANCE = 0.04
MAX_PAUSE_S = 1.2
LEAD_S = 0.2
# After the media gate heard too long a silence: how much below its limit the pauses of the next reading aim.
SILENCE_MARGIN = 0.8
_MAX_READINGS = 12

# Least squares over 36 sentences of real articles: seconds = letters * 0.0596 + stops * 0.351, 6 % per sentence.
_SECONDS_PER_LETTER = 0.0596
_SECONDS_PER_STOP = 0.351

_PAUSE_BY_ROLE = {"hook": 1.15, "fact": 1.0, "quote": 1.25, "transition": 0.9, "call_to_action": 1.1, "closing": 1.0}
_EMPHASIS_BY_ROLE = {"hook": 0.7, "fact": 0.0, "quote": 0.2, "transition": 0.0, "call_to_action": 0.5, "closing": 0.35}
_PACE_BY_ROLE = {"hook": 1.0, "fact": 1.0, "quote": 0.96, "transition": 1.04, "call_to_action": 1.0, "closing": 0.97}
_EMOTION_BY_ROLE: dict[str, Emotion] = {"hook": "lively", "quote": "serious", "call_to_action": "warm", "closing": "warm"}
_EVEN_BELOW = 0.3
_PAUSE_BY_PACING = {"calm": 1.2, "steady": 1.0, "brisk": 0.85}
_AFTER_HOOK = 1.6
_AFTER_BEAT = 1.8
_DENSE_NUMBERS = 2


@dataclass(frozen=True)
class Plan:
    """How the script will be read; `length_scale` is what a second pass may change."""

    voice: VoiceAtHand
    sentences: tuple[SpokenSentence, ...]
    length_scale: float
    character_scale: float
    expressiveness: float
    expected_s: float

    @property
    def pauses_s(self) -> float:
        """Return the silence that pace does not change, in seconds."""
        return LEAD_S + sum(sentence.pause_after_s for sentence in self.sentences)

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the least and the greatest length scale that stays within 12% of the channel's own pace."""
        return self.character_scale / (1 + PACE_LIMIT), self.character_scale / (1 - PACE_LIMIT)


def plan_reading(snapshot: Snapshot, personality: Personality, voice: VoiceAtHand) -> Plan:
    """Decide pauses, emphasis and pace of every sentence, and the length scale that should fill the slot."""
    sentences = tuple(
        _direct(sentence, personality, _place(snapshot.script, sentence), _numbers(_read(sentence, snapshot.pronunciations)))
        for sentence in snapshot.script.sentences
    )
    share = pause_share(snapshot)
    if share < 1.0:
        sentences = tuple(sentence.model_copy(update={"pause_after_s": round(sentence.pause_after_s * share, 3)}) for sentence in sentences)
    own = rate_of(voice) / personality.voice.words_per_minute
    plan = Plan(voice, sentences, own, own, personality.voice.expressiveness, 0.0)
    spoken = sum(seconds_of(sentence, snapshot.pronunciations) for sentence in sentences) * FITTED_WORDS_PER_MINUTE / rate_of(voice)
    if snapshot.held_scale is not None:
        # An edited script is read at the pace of the reading before, so that what stands is not spoken again; what is heard says whether it still fits.
        least, greatest = plan.bounds
        plan = replace(plan, length_scale=min(greatest, max(least, snapshot.held_scale)))
        return replace(plan, expected_s=round(spoken * plan.length_scale + plan.pauses_s, 2))
    plan = replace(plan, expected_s=round(spoken * own + plan.pauses_s, 2))
    return refit(plan, plan.expected_s, snapshot.seconds) or plan


def pause_share(snapshot: Snapshot) -> float:
    """Return what the pauses are multiplied by: 1, or less after an earlier reading held a silence that was too long."""
    shares = [SILENCE_MARGIN * one.bound / one.value for one in snapshot.findings if one.name == "silence" and one.bound and one.value]
    return min([1.0, *shares])


def refit(plan: Plan, measured_s: float, seconds: float | None) -> Plan | None:
    """Return the plan at the pace that fills `seconds`, within 12% of the channel's own; None when nothing is to be gained.

    Speech scales with the length scale and pauses do not, so one step from a measured duration is exact to the frame grid.
    """
    if seconds is None or abs(measured_s - seconds) <= SLOT_TOLERANCE * seconds:
        return None
    room = max(1.0, seconds - plan.pauses_s)
    least, greatest = plan.bounds
    scale = min(greatest, max(least, plan.length_scale * room / max(1.0, measured_s - plan.pauses_s)))
    scale = round(scale, 3)
    if abs(scale - plan.length_scale) < 0.005:
        return None
    expected = (measured_s - plan.pauses_s) * scale / plan.length_scale + plan.pauses_s
    return replace(plan, length_scale=scale, expected_s=round(expected, 2))


def seconds_of(sentence: SpokenSentence, pronunciations: dict[str, str]) -> float:
    """Return how long a sentence should last at the common rate and length scale 1, by its letters and stops."""
    tokens = _read(sentence, pronunciations)
    letters = sum(len(word) for token in tokens for word in token.words)
    stops = sum(bool(token.tail) for token in tokens)
    return (letters * _SECONDS_PER_LETTER + stops * _SECONDS_PER_STOP) / sentence.pace * (1 + 0.05 * sentence.emphasis)


def speech_args(plan: Plan, pronunciations: dict[str, str], personality: Personality, fallback: str = "") -> Args:
    """Return what the speech tool is asked for."""
    return Args(
        fallback=fallback,
        language=personality.language,
        monetised=personality.monetised,
        sentences=plan.sentences,
        voice=plan.voice.name,
        length_scale=min(2.0, max(0.5, round(plan.length_scale, 3))),
        expressiveness=plan.expressiveness,
        lead_s=LEAD_S,
        pronunciations=pronunciations,
    )


def decisions(snapshot: Snapshot, personality: Personality, plan: Plan, casting: Casting, heard: Result) -> tuple[Decision, ...]:
    """Explain every choice of the plan by what was heard."""
    return (
        _voice_decision(snapshot, personality, casting, heard),
        _pace_decision(snapshot, personality, plan, heard.duration_s),
        _delivery_decision(snapshot, personality, plan),
        _reading_decision(snapshot),
    )


def readings(script: Script, pronunciations: dict[str, str]) -> list[str]:
    """Return the words that are not said as they are written, each with how it is said, without repeats."""
    found: dict[str, str] = {}
    for sentence in script.sentences:
        for token in _read(sentence, pronunciations):
            written = token.display.strip(".,;:!?\"'()“”‘’—–")
            said = " ".join(token.words).replace(",", "")
            if said.casefold() != written.replace("’", "'").replace("-", " ").casefold():
                found.setdefault(written, said)
    return [f"{written} → {said}" for written, said in found.items()]


def _direct(sentence: Sentence, personality: Personality, place: str, numbers: int) -> SpokenSentence:
    pause = personality.voice.pause_s * _PAUSE_BY_PACING[personality.pacing] * _PAUSE_BY_ROLE[sentence.role]
    pause *= {"hook_end": _AFTER_HOOK, "beat_end": _AFTER_BEAT}.get(place, 1.0)
    emphasis = _EMPHASIS_BY_ROLE[sentence.role] * min(1.0, 2 * personality.voice.expressiveness)
    if sentence.text.rstrip("\"'”’ ").endswith("!"):
        emphasis += 0.15
    pace = _PACE_BY_ROLE[sentence.role] * (0.96 if numbers >= _DENSE_NUMBERS else 1.0)
    return SpokenSentence(
        id=sentence.id,
        text=sentence.text,
        pause_after_s=round(min(MAX_PAUSE_S, pause), 3),
        pace=round(pace, 3),
        emphasis=round(min(1.0, emphasis), 3),
        emotion=_emotion(sentence, personality),
    )


def _emotion(sentence: Sentence, personality: Personality) -> Emotion:
    """Return the feeling of a sentence by its part in the story; an even-tempered channel shows none, a calm one never gets lively."""
    if personality.voice.expressiveness < _EVEN_BELOW:
        return "neutral"
    found = _EMOTION_BY_ROLE.get(sentence.role, "neutral")
    return "warm" if found == "lively" and personality.pacing == "calm" else found


def _place(script: Script, sentence: Sentence) -> str:
    """Say where a sentence stands: the last of the hook, the last of a beat, or inside."""
    for beat in script.beats:
        if sentence not in beat.sentences:
            continue
        hooks = [one for one in beat.sentences if one.role == "hook"]
        if hooks and sentence == hooks[-1]:
            return "hook_end"
        return "beat_end" if sentence == beat.sentences[-1] else "inside"
    return "inside"


def _numbers(tokens: tuple[Token, ...]) -> int:
    return sum(any(letter.isdigit() for letter in token.display) for token in tokens)


def _read(sentence: Sentence | SpokenSentence, pronunciations: dict[str, str]) -> tuple[Token, ...]:
    try:
        return read_text(sentence.text, pronunciations)
    except Unspeakable as error:
        raise Invalid(f"sentence {sentence.id}: {error.message}", sentence=sentence.id) from error


def _voice_decision(snapshot: Snapshot, personality: Personality, casting: Casting, heard: Result) -> Decision:
    voice, wanted = casting.voice, personality.voice.name
    if voice.provider != "piper":
        reasons = [f"it is the paid voice at hand; the script should cost ${casting.expected_usd:.3f}"]
    elif voice.name == wanted:
        reasons = [f"it is the voice of {personality.name}"]
    else:
        reasons = [f"{wanted}, the voice of {personality.name}, is not installed; this one has the nearest rate"]
    reasons += [f"licence: {voice.licence}", *casting.passed_over]
    if not voice.monetisable:
        reasons.append("not for monetised channels")
    if heard.degraded_from:
        reasons.append(f"{heard.degraded_from} could not read ({heard.degraded_why}); the channel lets a free voice stand in")
    if heard.estimated_sentences:
        reasons.append(f"the provider gave no usable word times for {heard.estimated_sentences} sentences: they were found from the sound")
    others = tuple(one.name for one in snapshot.voices if one.name != voice.name)
    return Decision(agent=AGENT, question="Which voice reads it?", choice=heard.voice or voice.name, reasons=tuple(reasons), alternatives=others)


def _pace_decision(snapshot: Snapshot, personality: Personality, plan: Plan, measured_s: float) -> Decision:
    rate = rate_of(plan.voice) / plan.length_scale
    reasons = [f"{personality.name} speaks {personality.voice.words_per_minute} words a minute; the voice's own rate is {rate_of(plan.voice):.0f}"]
    if snapshot.seconds is not None:
        off = (measured_s - snapshot.seconds) / snapshot.seconds
        fits = abs(off) <= SLOT_TOLERANCE
        reasons.append(f"the slot is {snapshot.seconds:.1f} s and the narration {measured_s:.1f} s ({off:+.1%})")
        reasons.append(
            "it fits the slot" if fits else f"a change of pace beyond {PACE_LIMIT:.0%} would sound wrong: the script is too {'long' if off > 0 else 'short'}"
        )
    scores = {"length_scale": plan.length_scale, "words_per_minute": round(rate, 1), "duration_s": round(measured_s, 2)}
    return Decision(agent=AGENT, question="How fast is it read?", choice=f"{rate:.0f} words a minute", reasons=tuple(reasons), scores=scores)


def _delivery_decision(snapshot: Snapshot, personality: Personality, plan: Plan) -> Decision:
    roles = {sentence.id: sentence.role for sentence in snapshot.script.sentences}
    stressed = [f"{one.id} ({roles[one.id]})" for one in plan.sentences if one.emphasis > 0]
    longest = max(plan.sentences, key=lambda one: one.pause_after_s)
    reasons = (
        f"pauses start from {personality.voice.pause_s:.2f} s and a {personality.pacing} pacing; longer after the hook and at the end of a beat",
        f"the longest is {longest.pause_after_s:.2f} s, after {longest.id}",
        f"stressed: {', '.join(stressed) or 'nothing'}",
        f"sentences with {_DENSE_NUMBERS} or more numbers, and quotes, are read slower",
        *(f"sent back by the media gate ({one.name}: {one.measured}, {one.limit}): pauses x {pause_share(snapshot):.2f}" for one in snapshot.findings),
    )
    return Decision(agent=AGENT, question="Where does the voice pause and press?", choice=f"{len(stressed)} stressed sentences", reasons=reasons)


def _reading_decision(snapshot: Snapshot) -> Decision:
    found = readings(snapshot.script, snapshot.pronunciations)
    shown = found[:_MAX_READINGS] + ([f"and {len(found) - _MAX_READINGS} more"] if len(found) > _MAX_READINGS else [])
    reasons = tuple(shown) or ("every word is said as it is written",)
    return Decision(agent=AGENT, question="How are numbers, dates, abbreviations and names said?", choice=f"{len(found)} readings", reasons=reasons)
