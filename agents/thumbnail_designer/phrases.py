"""Short phrases cut from sentences without changing what they say."""

import re

_WEAK_ENDINGS = """a an and as at but by for from in is it its of on or our so than that the their this to was were which while with are be
has have had into over"""
_WEAK_END = frozenset(_WEAK_ENDINGS.split())
_OTHER_WORDS = """can could did do does had how if may might must not no nor off one
out she he they them there these those through under up upon we what when where
who whom whose why will would you your about after all also any because before between both each few more most much only other some such very just still
then too even ever many say says said make makes made show shows shown let lets know find finds found turn turns come comes go goes get gets
hardly follows follow gather became become becomes began begin begins keep keeps kept hold holds grow grows need needs"""
FUNCTION_WORDS = _WEAK_END | frozenset(_OTHER_WORDS.split())
_OWN_WORDS = 3
_BREAK = re.compile(r"(?<=\w)(?:[,;:—–] | – )")


def headline(text: str, most: int) -> str:
    """Return a headline of at most `most` words: the sentence, its first clause, or its beginning up to a strong word."""
    bare = re.sub(r"[“”\"]", "", " ".join(text.split())).rstrip(".!:;, ")
    words = bare.split()
    if len(words) <= most:
        return bare if not words or words[-1].lower() not in _WEAK_END else clipped(bare, len(words) - 1)
    clause = next((piece for piece in _BREAK.split(bare) if 3 <= len(piece.split()) <= most), None)
    if clause is not None and bare.startswith(clause):
        return clause.strip(" ,;:")
    kept = words[:most]
    while len(kept) > 3 and kept[-1].lower().strip(",;:") in _WEAK_END:
        kept.pop()
    return " ".join(kept).rstrip(",;:—– ")


def clipped(text: str, words: int) -> str:
    """Return at most `words` words, not ending on a weak word."""
    kept = " ".join(text.split()).rstrip(" ,;:.").split()
    if len(kept) <= words:
        return " ".join(kept)
    kept = kept[:words]
    while len(kept) > 1 and kept[-1].lower() in _WEAK_END:
        kept.pop()
    return " ".join(kept).rstrip(",;:")


def compact(text: str) -> str:
    """Return the phrase with a capital first letter."""
    return text[:1].upper() + text[1:]


def echoes(title: str, spoken: str) -> bool:
    """Say whether a headline is nothing but a run of the words that the caption shows at that moment."""
    said, heard = _letters(title), _letters(spoken)
    return len(said) >= _OWN_WORDS and " ".join(said) in " ".join(heard)


def key_phrase(text: str, most: int = 4) -> str:
    """Return the longest run of words of at most `most` that name things (no function word inside), or nothing when there is none of two."""
    runs: list[list[str]] = [[]]
    for word in re.findall(r"[^\W_][\w’'-]*[,;:.]?", text):
        bare = word.rstrip(",;:.")
        if bare.lower() in FUNCTION_WORDS:
            runs.append([])
            continue
        runs[-1].append(bare)
        if bare != word:
            runs.append([])
    fitting: list[list[str]] = [run for run in runs if 2 <= len(run) <= most]
    if not fitting:
        return ""
    best: list[str] = max(fitting, key=_weight)
    return " ".join(best)


def _weight(run: list[str]) -> tuple[int, int]:
    """Prefer names and figures, then length."""
    return sum(word[0].isupper() or word[0].isdigit() for word in run[1:]), sum(len(word) for word in run)


def _letters(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
