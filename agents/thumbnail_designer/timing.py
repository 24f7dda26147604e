"""When the picture changes: at sentence starts, and inside long sentences at word boundaries."""

from collections.abc import Sequence
from dataclasses import dataclass

from memory.artifacts import Narration, Script, Sentence, WordTiming

LONGEST_S = 5.8
SHORTEST_S = 1.6
TAIL_S = 1.0
CARD_S = 3.4


@dataclass(frozen=True)
class Slot:
    """A stretch of the video that one shot fills: its sentences, the words spoken in it, and whether a beat starts here."""

    start_s: float
    end_s: float
    sentences: tuple[Sentence, ...]
    words: str
    part: int = 0
    beat: int = 0
    opens_beat: bool = False
    card: bool = False

    @property
    def seconds(self) -> float:
        """How long the shot is seen."""
        return self.end_s - self.start_s


def plan_slots(script: Script, narration: Narration, tight: Sequence[tuple[float, float]] = ()) -> tuple[Slot, ...]:
    """Return the slots of a video in order: no gap, each at most `LONGEST_S`, the last one the end card.

    What lies in a `tight` stretch (start and end in seconds) is cut into shots of half that length.
    """
    spans = _merged(_spans(script, narration))
    slots = [piece for span in spans for piece in _pieces(span, narration, _longest_s(span, tight))]
    return _with_card(slots, narration)


def _spans(script: Script, narration: Narration) -> list[Slot]:
    beats = {sentence.id: (number, place == 0) for number, beat in enumerate(script.beats) for place, sentence in enumerate(beat.sentences)}
    sentences = {sentence.id: sentence for sentence in script.sentences}
    timed = [one for one in narration.sentences if one.sentence_id in sentences]
    spans = []
    for index, one in enumerate(timed):
        start = 0.0 if index == 0 else one.start_s
        end = timed[index + 1].start_s if index + 1 < len(timed) else narration.duration_s
        number, first = beats[one.sentence_id]
        spans.append(Slot(start, end, (sentences[one.sentence_id],), sentences[one.sentence_id].text, beat=number, opens_beat=first))
    return spans


def _merged(spans: list[Slot]) -> list[Slot]:
    """Join a sentence too short for a shot of its own with the one after it (the last with the one before)."""
    merged: list[Slot] = []
    for span in spans:
        last = merged[-1] if merged else None
        short = last is not None and (last.seconds < SHORTEST_S or (span is spans[-1] and span.seconds < SHORTEST_S))
        if last is not None and short:
            words = f"{last.words} {span.words}"
            merged[-1] = Slot(last.start_s, span.end_s, (*last.sentences, *span.sentences), words, beat=last.beat, opens_beat=last.opens_beat)
        else:
            merged.append(span)
    return merged


def _longest_s(span: Slot, tight: Sequence[tuple[float, float]]) -> float:
    return max(LONGEST_S / 2, SHORTEST_S) if any(start < span.end_s and span.start_s < end for start, end in tight) else LONGEST_S


def _pieces(span: Slot, narration: Narration, longest_s: float) -> list[Slot]:
    """Split a long span at the word starts nearest to equal parts, preferring a word after a pause mark."""
    count = int(span.seconds // longest_s) + 1
    if count == 1:
        return [span]
    ids = {sentence.id for sentence in span.sentences}
    words = [word for word in narration.words if word.sentence_id in ids]
    cuts = [span.start_s]
    for piece in range(1, count):
        low, high = max(cuts[-1] + SHORTEST_S, span.end_s - (count - piece) * longest_s), min(cuts[-1] + longest_s, span.end_s - SHORTEST_S)
        wanted = span.start_s + span.seconds * piece / count
        options = [
            (abs(word.start_s - wanted) - (0.6 if before.text[-1:] in ",;:—" else 0.0), word.start_s) for before, word in zip(words, words[1:], strict=False)
        ]
        fitting = [option for option in options if low <= option[1] <= high]
        cuts.append(min(fitting)[1] if fitting else min(max(wanted, low), high))
    ends = [*cuts[1:], span.end_s]
    return [
        Slot(start, end, span.sentences, _spoken(words, start, end) or span.words, part=number, beat=span.beat, opens_beat=span.opens_beat and number == 0)
        for number, (start, end) in enumerate(zip(cuts, ends, strict=True))
    ]


def _spoken(words: list[WordTiming], start: float, end: float) -> str:
    return " ".join(word.text for word in words if start - 1e-6 <= word.start_s < end - 1e-6)


def _with_card(slots: list[Slot], narration: Narration) -> tuple[Slot, ...]:
    """End on a card of about `CARD_S`, cut in over the last words, with a short tail of quiet."""
    end = narration.duration_s + TAIL_S
    last = slots[-1]
    whole = end - last.start_s
    if len(slots) > 1 and CARD_S * 0.8 <= whole <= LONGEST_S:
        start = last.start_s
        kept = slots[:-1]
    else:
        wanted = max(end - CARD_S, slots[0].start_s + SHORTEST_S)
        inside = [word.start_s for word in narration.words if word.start_s > 0]
        start = min(inside, key=lambda at: abs(at - wanted), default=wanted)
        kept = [slot for slot in slots if slot.start_s < start - 0.05]
        tail = kept[-1]
        kept[-1] = Slot(tail.start_s, start, tail.sentences, tail.words, tail.part, tail.beat, tail.opens_beat)
    return (*kept, Slot(start, end, last.sentences, last.words, beat=last.beat, card=True))
