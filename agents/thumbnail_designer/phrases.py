"""Short phrases cut from sentences without changing what they say."""

import re

from tools.write_text.offline.phrases import noun_phrases

_WEAK_ENDINGS = """a an and as at but by for from in is it its of on or our so than that the their this to was were which while with are be
has have had into over"""
_WEAK_END = frozenset(_WEAK_ENDINGS.split())
_OTHER_WORDS = """can could did do does had how if may might must not no nor off one
out she he they them there these those through under up upon we what when where
who whom whose why will would you your about after all also any because before between both each few more most much only other some such very just still
then too even ever many say says said make makes made show shows shown let lets know find finds found turn turns come comes go goes get gets
hardly follows follow gather became become becomes began begin begins keep keeps kept hold holds grow grows need needs"""
FUNCTION_WORDS = _WEAK_END | frozenset(_OTHER_WORDS.split())
# What a whole title or sentence never ends on; it may well end on "it" or "on".
_DANGLING = frozenset("a an the and as at but for from of or our their to with which while into".split())  # noqa: SIM905
_SEAMS = frozenset(
    "that which who whose when where while because and but or as if than in on at of for from with by into over under through during between".split()  # noqa: SIM905
)
_OWN_WORDS = 3
_BREAK = re.compile(r"(?<=\w)(?:[,;:—–] | – )")


def headline(text: str, most: int) -> str:
    """Return a headline of at most `most` words: the sentence, its first clause, or its beginning up to a strong word."""
    bare = re.sub(r"[“”\"]", "", " ".join(text.split())).rstrip(".!:;, ")
    words = bare.split()
    if len(words) <= most:
        return bare if not words or words[-1].lower() not in _DANGLING else clipped(bare, len(words) - 1)
    clause = next((piece for piece in _BREAK.split(bare) if 3 <= len(piece.split()) <= most), None)
    if clause is not None and bare.startswith(clause):
        return clause.strip(" ,;:")
    kept = words[: _cut(words, most)]
    while len(kept) > 3 and kept[-1].lower().strip(",;:") in _WEAK_END:
        kept.pop()
    return " ".join(kept).rstrip(",;:—– ")


def _cut(words: list[str], most: int) -> int:
    """Return after how many words to cut: at the last place, no further than `most`, where a link or a clause begins, so that no thought breaks off."""
    return next((at for at in range(most, 3, -1) if words[at].lower().strip(",;:") in _SEAMS or words[at - 1][-1:] in ",;:"), most)


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


def repeats(title: str, spoken: str) -> bool:
    """Say whether every word of a headline, however short, is heard in a run while it stands."""
    return f" {' '.join(_letters(title))} " in f" {' '.join(_letters(spoken))} "


def _letters(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


_NO_TERM = frozenset(
    """millions reacts matter notes shown true subtle higher lower dark economic kill studies surroundings team question story source sources description
    page notebook action someone activity advantages contrast rest others twice look patience thing things way ways kind kinds part parts place places
    point points case example reason reasons fact facts time times end start beginning second half middle number amount level levels effect effects
    ease fought open rare problem existence return inside surface color researchers scientists
    kilometers kilometres centimeters meters metres miles percent hours minutes seconds
    people issues use lot side day days year years month months week weeks moment one ones day's""".split()  # noqa: SIM905
)
_NO_OPENING = frozenset("throw caused tracking saw slow shows make making let using called according several first second other good next same".split())  # noqa: SIM905
_NAME = re.compile(
    r"\b(?:[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)+"
    r"|(?<![.!?] )(?<!^)(?:[A-Z][\w’'-]*[a-z0-9][\w’'-]*|[A-Z]{2,}[\w-]*)(?: (?:of (?:the )?)?[A-Z][\w’'-]+)*)"
)
_NO_NAME = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|AD|BC)\b"
    r"|[A-Z]\w+(?:ish|ian|ican|ese|eek|ench|erman|utch|eltic)$"
)


def terms(text: str, most: int = 4) -> tuple[str, ...]:
    """Return the things and names of a text, in order and as written, that can stand on screen by themselves."""
    found: dict[str, int] = {}
    for phrase in (*_NAME.findall(text), *noun_phrases(text)):
        words = [word.rstrip(",;:.") for word in re.sub(r"[’']s$", "", phrase).split()]
        while len(words) > 1 and words[0].lower() in _NO_OPENING | FUNCTION_WORDS:
            words = words[1:]
        term = " ".join(words)
        weak = not words or words[-1].lower() in _NO_TERM | FUNCTION_WORDS or words[0].lower() in _NO_OPENING or _NO_NAME.match(term) or len(term) < 4
        if not weak and not any(term.lower() in other.lower() for other in found):
            for shorter in [other for other in found if re.search(rf"\b{re.escape(other)}\b", term, re.IGNORECASE)]:
                del found[shorter]
            found[term] = text.find(words[0])
    return tuple(sorted(found, key=lambda one: found[one]))[:most]


def strongest(found: tuple[str, ...]) -> str:
    """Return the term that says most: the one of several words or a name before a single common word; the first of equals."""
    return max(found, key=lambda one: (min(len(one.split()), 3) + one[0].isupper(), -found.index(one)), default="")
