"""How a changed script will be heard, told before it is read: what was read before stays, the rest is as long as a reading of this voice is."""

from dataclasses import dataclass

from agents.voice_director import policy
from agents.voice_director.casting import cast_voice
from agents.voice_director.schemas import Snapshot
from memory.artifacts import Narration, Script, SentenceTiming, WordTiming
from memory.personality import Personality
from tools.synthesize_speech.schema import SpokenSentence


@dataclass(frozen=True)
class Foreheard:
    """A narration as it is expected: `anew` are the sentences that are spoken again, all of them where the pace has to change."""

    narration: Narration
    anew: tuple[str, ...]


def foresee(snapshot: Snapshot, after: Script, heard: Narration, personality: Personality) -> Foreheard:
    """Return the narration that is to be expected of `after`; `snapshot` and `heard` are those of the script before it."""
    voice = cast_voice(snapshot, personality).voice
    held = snapshot.model_copy(update={"held_scale": scale_of(heard)})
    before = policy.plan_reading(held, personality, voice)
    wanted = policy.plan_reading(held.model_copy(update={"script": after, "findings": ()}), personality, voice)
    known = {one.id: one for one in before.sentences}
    rate = _measured(before, heard, snapshot)
    spoken = _laid(wanted, known, heard, (rate, snapshot.pronunciations))
    refit = policy.refit(wanted, spoken.duration_s, snapshot.seconds)
    if refit is None:
        return Foreheard(spoken, tuple(one.id for one in wanted.sentences if not _same(one, known.get(one.id))))
    share = refit.length_scale / wanted.length_scale
    return Foreheard(_laid(refit, {}, heard, (rate * share, snapshot.pronunciations)), tuple(one.id for one in refit.sentences))


def scale_of(heard: Narration) -> float | None:
    """Return the length scale that a narration was read at; None where it does not say."""
    found = heard.settings.get("length_scale")
    return float(found) if isinstance(found, int | float) else None


def _same(one: SpokenSentence, other: SpokenSentence | None) -> bool:
    return other is not None and one.model_copy(update={"pause_after_s": 0.0}) == other.model_copy(update={"pause_after_s": 0.0})


def _measured(plan: policy.Plan, heard: Narration, snapshot: Snapshot) -> float:
    """Return how many seconds were heard for each that the plain estimate expects."""
    expected = sum(policy.seconds_of(one, snapshot.pronunciations) for one in plan.sentences)
    measured = sum(one.end_s - one.start_s for one in heard.sentences)
    return measured / expected if expected > 0 and measured > 0 else 1.0


def _laid(plan: policy.Plan, known: dict[str, SpokenSentence], heard: Narration, how: tuple[float, dict[str, str]]) -> Narration:
    """Lay the sentences one after another: those that were heard as they were, the others as long as is expected of them."""
    rate, pronunciations = how
    old = {one.sentence_id: one for one in heard.sentences}
    words: list[WordTiming] = []
    sentences: list[SentenceTiming] = []
    at = heard.sentences[0].start_s
    for one in plan.sentences:
        was = old.get(one.id)
        if was is not None and _same(one, known.get(one.id)):
            length = was.end_s - was.start_s
            words += [_moved(word, at - was.start_s) for word in heard.words if word.sentence_id == one.id]
        else:
            length = policy.seconds_of(one, pronunciations) * rate
            words += _spread(one, at, length)
        sentences.append(SentenceTiming(sentence_id=one.id, start_s=at, end_s=at + length))
        at += length + _pause(one, known, heard)
    return heard.model_copy(update={"words": tuple(words), "sentences": tuple(sentences), "duration_s": at})


def _pause(one: SpokenSentence, known: dict[str, SpokenSentence], heard: Narration) -> float:
    """Return the pause after a sentence: the one that was heard where the same was asked for, since a quiet end shortens it."""
    before = known.get(one.id)
    at = next((index for index, timing in enumerate(heard.sentences) if timing.sentence_id == one.id), None)
    if before is None or at is None or before.pause_after_s != one.pause_after_s:
        return one.pause_after_s
    follows = heard.sentences[at + 1].start_s if at + 1 < len(heard.sentences) else heard.duration_s
    return max(0.0, follows - heard.sentences[at].end_s)


def _moved(word: WordTiming, by: float) -> WordTiming:
    return word.model_copy(update={"start_s": word.start_s + by, "end_s": word.end_s + by})


def _spread(sentence: SpokenSentence, start_s: float, length_s: float) -> list[WordTiming]:
    """Return the words of a sentence over its length, each as long as it has letters."""
    texts = sentence.text.split()
    letters = sum(len(text) for text in texts) or 1
    words: list[WordTiming] = []
    at = start_s
    for text in texts:
        end = at + length_s * len(text) / letters
        words.append(WordTiming(text=text, start_s=at, end_s=end, sentence_id=sentence.id))
        at = end
    return words
