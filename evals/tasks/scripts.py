"""Small scripts of cases, with the timings a reading of them would have."""

from evals.outcome import CasePart
from memory.artifacts import Beat, Narration, Script, Sentence, SentenceTiming, VisualDirection, WordTiming
from memory.rights import Rights

_WORD_S = 0.38
_PAUSE_S = 0.35


class CaseSentence(CasePart):
    """One sentence of a small script."""

    text: str
    role: str = "fact"
    visual: VisualDirection = VisualDirection()
    citations: tuple[str, ...] = ("case#1",)
    opens: str = ""


class CaseScript(CasePart):
    """A small script: a sentence with `opens` starts a beat of that heading."""

    title: str
    sentences: tuple[CaseSentence, ...]
    tags: tuple[str, ...] = ("case",)

    def build(self) -> Script:
        """Return the script."""
        beats: list[tuple[str, list[Sentence]]] = []
        for index, one in enumerate(self.sentences):
            if one.opens or not beats:
                beats.append((one.opens or self.title, []))
            sentence = {"id": f"s{index}", "text": one.text, "role": one.role, "citations": one.citations, "visual": one.visual}
            beats[-1][1].append(Sentence.model_validate(sentence))
        return Script(
            title=self.title,
            title_candidates=(self.title,),
            beats=tuple(Beat(id=f"b{index}", heading=heading, sentences=tuple(said)) for index, (heading, said) in enumerate(beats)),
            tags=self.tags,
            template="explainer",
            rights=Rights(licence="CC0-1.0"),
            credits=("Case Press",),
            quality=0.8,
        )


def time_script(script: Script) -> Narration:
    """Return the narration of a script as if every word took the same time; its audio is nobody's."""
    at, words, sentences = 0.0, [], []
    for sentence in script.sentences:
        start = at
        for word in sentence.text.split():
            words.append(WordTiming(text=word, start_s=round(at, 3), end_s=round(at + _WORD_S, 3), sentence_id=sentence.id))
            at += _WORD_S
        sentences.append(SentenceTiming(sentence_id=sentence.id, start_s=round(start, 3), end_s=round(at, 3)))
        at += _PAUSE_S
    return Narration(
        audio="0" * 64, sample_rate_hz=22050, duration_s=round(at, 3), words=tuple(words), sentences=tuple(sentences), voice="case", voice_licence="CC0-1.0"
    )
