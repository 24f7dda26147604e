"""Which language a text is in, the same answer every time."""

from langdetect import DetectorFactory, LangDetectException, detect_langs

UNKNOWN = "und"
_LEAST_WORDS = 12
_SAMPLE_CHARS = 6_000

# The detector draws random n-grams; a fixed seed makes a re-run agree with the first run.
DetectorFactory.seed = 0


def language_of(text: str) -> str:
    """Return the ISO 639-1 code of the text's language, or `und` when it is too short or undecided (langdetect, a port of Shuyo's detector)."""
    if len(text.split()) < _LEAST_WORDS and len(text) < 80:
        return UNKNOWN
    middle = max(0, len(text) // 2 - _SAMPLE_CHARS // 2)
    try:
        ranked = detect_langs(text[middle : middle + _SAMPLE_CHARS])
    except LangDetectException:
        return UNKNOWN
    best = ranked[0]
    return str(best.lang).split("-")[0] if best.prob >= 0.7 else UNKNOWN
