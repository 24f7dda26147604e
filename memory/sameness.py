"""How alike videos are: what is kept of each to compare, five measures between two of them, and which limits a new one breaks.

Wording is the share of the new script that stands in an earlier one, word for word or in its skeleton: the same sentences with other nouns put in keep
their function words in their order. Shingles after Broder (1997); the perceptual hash of pictures is the difference hash of neighbouring brightness.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any, Literal

from memory.artifacts import Frozen, Script
from memory.claims import meaningful, words_of
from memory.personality import Look, Personality, Sameness

WORDS_A_SHINGLE = 5
FORMS_A_SHINGLE = 8
_GAP = "*"
_STOP = "."
_SHORT, _LONG = 8, 15
_TELLING = 12
_FEWEST, _LEAST_ROOM = 3, 0.5
_COLOURS = ("ground", "ground2", "ink", "soft", "accent", "accent2")
_FORMS = ("head", "body", "uppercase", "align", "texture", "layout")


Stage = Literal["script", "thumbnail"]


class Fingerprint(Frozen):
    """What is kept of a video to compare others with: hashes and small values, none of its sentences."""

    words: tuple[int, ...] = ()
    forms: tuple[int, ...] = ()
    meaning: tuple[float, ...] = ()
    structure: tuple[str, ...] = ()
    opener: int = 0
    closer: int = 0
    voice: str = ""
    pace: int = 0
    look: Look | None = None
    thumbnail: str = ""


class Earlier(Frozen):
    """An earlier video to compare with."""

    run_id: str
    channel_id: str
    title: str
    fingerprint: Fingerprint


class Measure(Frozen):
    """One measure of a new video: how alike it is to the nearest earlier one, 0..1, and how alike it may be."""

    name: str
    value: float
    limit: float
    nearest: str = ""
    nearest_run: str = ""
    nearest_channel: str = ""

    @property
    def kept(self) -> bool:
        """Whether the limit is kept."""
        return self.value <= self.limit


class Alike(Frozen):
    """How alike a new video is to the newest of its channel and of the others: every measure, and in words what breaks a limit."""

    passed: bool
    measures: tuple[Measure, ...]
    reasons: tuple[str, ...] = ()
    compared_own: int = 0
    compared_others: int = 0


class Budget(Frozen):
    """How a channel keeps to its limits: of its newest `measured` scripts, how many were `over` one at first, and the share of slots left to it."""

    measured: int
    over: int
    room: float = 1.0

    @property
    def spent(self) -> bool:
        """Whether it should tell something else for a while: every other script, or more, came out too alike."""
        return self.room <= _LEAST_ROOM


def budget_of(passed: Sequence[bool]) -> Budget:
    """Return the budget after a channel's newest first drafts (whether each was unlike enough); fewer than three say nothing.

    A planner gives a channel `room` times the slots that its cadence asks for, and another topic once the budget is spent.
    """
    over = sum(not one for one in passed)
    room = max(_LEAST_ROOM, 1 - over / len(passed)) if len(passed) >= _FEWEST else 1.0
    return Budget(measured=len(passed), over=over, room=round(room, 4))


def fingerprint_of(script: Script, personality: Personality, meaning: Sequence[float] = ()) -> Fingerprint:
    """Return what is kept of a script and of the channel that tells it; `meaning` is the script's embedding."""
    spoken = [sentence.text for sentence in script.sentences]
    return Fingerprint(
        words=_hashes(_runs([word.lower() for text in spoken for word in words_of(text)], WORDS_A_SHINGLE)),
        forms=_hashes(_runs([form for text in spoken for form in skeleton(text)], FORMS_A_SHINGLE)),
        meaning=tuple(round(value, 4) for value in meaning),
        structure=structure_of(script),
        opener=_hash(" ".join(skeleton(spoken[0]))) if spoken else 0,
        closer=_hash(" ".join(skeleton(spoken[-1]))) if spoken else 0,
        voice=personality.voice.paid.get("elevenlabs") or personality.voice.paid.get("google_tts") or personality.voice.name,
        pace=personality.voice.words_per_minute,
        look=personality.look,
    )


def skeleton(sentence: str) -> list[str]:
    """Return a sentence with every run of words that carry meaning as one gap, so that other nouns leave it as it is."""
    forms: list[str] = []
    for word in words_of(sentence):
        form = _form(word.lower())
        if form != _GAP or not forms or forms[-1] != _GAP:
            forms.append(form)
    return [*forms, _STOP]


def structure_of(script: Script) -> tuple[str, ...]:
    """Return the order of what a script does: where beats begin, and of each sentence its role, what is seen and how long it runs."""
    made = []
    for beat in script.beats:
        made.append("beat")
        made += [f"{one.role} {one.visual.kind} {_length(len(one.text.split()))}" for one in beat.sentences]
    return tuple(made)


def wording(new: Fingerprint, old: Fingerprint) -> float:
    """Return the share of the new script, 0..1, that stands in the old one word for word, or in its skeleton, whichever is more."""
    return max(_held(new.words, old.words), _held(new.forms, old.forms))


def meaning(new: Fingerprint, old: Fingerprint) -> float:
    """Return the cosine of the scripts' embeddings, 0..1; 0 where one has none."""
    if len(new.meaning) != len(old.meaning):
        return 0.0
    return min(1.0, max(0.0, sum(one * other for one, other in zip(new.meaning, old.meaning, strict=True))))


def structure(new: Fingerprint, old: Fingerprint) -> float:
    """Return how much of the order of roles, visuals and lengths is the same, 0..1, with the form of opening and closing.

    Few sentences are often in the same order by chance, so a short script counts by its length.
    """
    if not new.structure or not old.structure:
        return 0.0
    order: float = SequenceMatcher(None, new.structure, old.structure, autojunk=False).ratio()
    alike = 0.8 * order + 0.1 * (new.opener == old.opener) + 0.1 * (new.closer == old.closer)
    return alike * min(1.0, max(len(new.structure), len(old.structure)) / _TELLING)


def presence(new: Fingerprint, old: Fingerprint) -> float:
    """Return how alike two channels sound and look, 0..1: half the palette, a quarter type and layout, a quarter voice and pace."""
    if new.look is None or old.look is None:
        return 0.0
    colours = sum(1 - _apart(getattr(new.look, name), getattr(old.look, name)) for name in _COLOURS) / len(_COLOURS)
    forms = sum(getattr(new.look, name) == getattr(old.look, name) for name in _FORMS) / len(_FORMS)
    sound = 0.5 * (new.voice == old.voice) + 0.5 * max(0.0, 1 - abs(new.pace - old.pace) / 20)
    return float(0.5 * colours + 0.25 * forms + 0.25 * sound)


def thumbnail(new: Fingerprint, old: Fingerprint) -> float:
    """Return how alike two thumbnails are, 0..1: by the difference hash of the picture and by the colours of its nine parts."""
    return picture_likeness(new.thumbnail, old.thumbnail)


def picture_likeness(one: str, other: str) -> float:
    """Compare two prints `<difference hash, hex>:<colours, hex>`; 0 where one is missing."""
    if not one or not other:
        return 0.0
    (form, tint), (other_form, other_tint) = one.split(":"), other.split(":")
    same = 1 - (int(form, 16) ^ int(other_form, 16)).bit_count() / (len(form) * 4)
    pairs = list(zip(bytes.fromhex(tint), bytes.fromhex(other_tint), strict=True))
    colour = 1 - sum(abs(first - second) for first, second in pairs) / (255 * len(pairs))
    # Two pictures that have nothing to do with each other agree in half the bits.
    return max(0.0, 2 * same - 1) * colour


_WITHIN: dict[Stage, tuple[str, ...]] = {"script": ("wording", "meaning", "structure"), "thumbnail": ("thumbnail",)}
_ACROSS: dict[Stage, tuple[str, ...]] = {"script": ("wording", "meaning", "structure", "presence"), "thumbnail": ("thumbnail",)}
_MEASURED = {"wording": wording, "meaning": meaning, "structure": structure, "presence": presence, "thumbnail": thumbnail}


def judge(stage: Stage, new: Fingerprint, own: Sequence[Earlier], others: Sequence[Earlier], limits: Sameness) -> Alike:
    """Return how alike a video is to the newest of its channel and of other channels (`stage` is script or thumbnail), against the channel's limits."""
    measures = [_nearest(name, new, own, _limit(limits, name, "own")) for name in _WITHIN[stage]]
    measures += [_nearest(name, new, others, _limit(limits, name, "others"), " across channels") for name in _ACROSS[stage]]
    reasons = tuple(_told(one) for one in measures if not one.kept)
    return Alike(passed=not reasons, measures=tuple(measures), reasons=reasons, compared_own=len(own), compared_others=len(others))


def shared_sentences(script: Script, old: Fingerprint, least: float = 0.5) -> tuple[str, ...]:
    """Return the ids of the sentences that an earlier script holds too, word for word or in their skeleton: those to say otherwise."""
    known, forms = set(old.words), set(old.forms)
    found = []
    for sentence in script.sentences:
        words = _hashes(_runs([word.lower() for word in words_of(sentence.text)], WORDS_A_SHINGLE))
        shapes = _hashes(_runs(skeleton(sentence.text), FORMS_A_SHINGLE))
        if max(_share(words, known), _share(shapes, forms)) >= least:
            found.append(sentence.id)
    return tuple(found)


def _limit(limits: Sameness, name: str, side: str) -> float:
    values: Mapping[str, Any] = limits.model_dump()
    return float(values.get(f"{name}_{side}", values.get(name)))


def _nearest(name: str, new: Fingerprint, earlier: Sequence[Earlier], limit: float, suffix: str = "") -> Measure:
    found = [(_MEASURED[name](new, one.fingerprint), one) for one in earlier]
    if not found:
        return Measure(name=name + suffix, value=0.0, limit=limit)
    value, one = max(found, key=lambda pair: (pair[0], pair[1].run_id))
    return Measure(name=name + suffix, value=round(value, 4), limit=limit, nearest=one.title, nearest_run=one.run_id, nearest_channel=one.channel_id)


def _told(measure: Measure) -> str:
    return f"too alike in {measure.name}: {measure.value:.2f} to “{measure.nearest}” of {measure.nearest_channel}, at most {measure.limit:.2f} is allowed"


@lru_cache(maxsize=50_000)
def _form(word: str) -> str:
    return _GAP if any(letter.isdigit() for letter in word) or meaningful(word) else word


def _length(words: int) -> str:
    return "short" if words <= _SHORT else "long" if words > _LONG else "middle"


def _runs(words: Sequence[str], size: int) -> Iterable[str]:
    return (" ".join(words[at : at + size]) for at in range(len(words) - size + 1))


def _hashes(texts: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted({_hash(text) for text in texts}))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=5).digest())


def _held(new: Sequence[int], old: Sequence[int]) -> float:
    return _share(new, set(old))


def _share(new: Sequence[int], old: set[int]) -> float:
    return sum(one in old for one in new) / len(new) if new else 0.0


def _apart(one: str, other: str) -> float:
    """Return how far two colours are apart, 0..1 (black to white), by the root mean square of their channels."""
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return float((sum((first - second) ** 2 for first, second in pairs) / 3) ** 0.5 / 255)
