"""The first three seconds: a striking fact of the evidence, short enough to land at once."""

import re
from collections.abc import Sequence

from tools.write_text.offline.candidates import Candidate
from tools.write_text.offline.grasp import out_of_reach, promises_more
from tools.write_text.offline.simplify import clean
from tools.write_text.offline.words import ENGLISH, content, spoken_words, superlatives, tokens

_SUPERLATIVE = re.compile(
    r"\b(first|only|most(?= [a-z]+(?:ive|ous|ful|ant|ent|al|ed|able)\b)|best|worst|record|never|hidden|nobody)\b",
    re.IGNORECASE,
)
_CONTRAST = re.compile(r"\b(but|instead|despite|although|even though|yet|without|unlike|rather than|not)\b", re.IGNORECASE)
_MAGNITUDE = re.compile(r"\b(million|billion|trillion|percent|times|thousand|hundred)\b|\d", re.IGNORECASE)
_YEAR_ONLY = re.compile(r"\b(1[0-9]{3}|20[0-9]{2})\b")
_DULL = re.compile(r"\b(said|says|according to|officials|announced|spokes\w+|statement|meeting|report(ed|s)?)\b", re.IGNORECASE)
_CLAUSE = re.compile(
    r",\s+(?:longer|larger|more|less|far|the|a|an|and|but|while|as|when|because|which|who|where|after|before|although|so|with|making|marking|including)\s.*$|\s+(?:because|although|while|whereas)\s.*$|;.*$"
)
_FINITE = re.compile(rf"\b(?:{'|'.join(ENGLISH['verbs'])})\b")
_UNKNOWN = re.compile(r"\bthe (?:(?:new|old|other|same) )?[a-z]+(?= (?:by|is|are|was|were|has|have)\b|[.,])")
_WHICH_ONE = re.compile(
    r"\bthe (?:area|region|country|nation|territory|islands?|city|state|team|species|animals?|group|party|company|agency)\b(?! (?:of|that|where|in)\b)"
)
# What something is, is no reason to listen yet.
_DEFINES = re.compile(r"[^,]{3,40}(?:, [^,]+,)? (?:is|are) an? ")
_CATALOGUE = re.compile(r"\b(?:in (?:his|her|their|the) (?:\w+ )?book|results? (?:was|were)|data|used to)\b", re.IGNORECASE)
_EARLY = 0.25
_SHORT_TOPIC = 2
MAX_HOOK_WORDS = 15
MAX_LEAD_WORDS = 21


def hook_form(candidate: Candidate) -> str | None:
    """Return the sentence cut to hook length, or None when it cannot be cut without changing what it says."""
    text = candidate.alone
    if text is None or candidate.is_quote or "“" in text:
        return None
    if spoken_words(text) <= MAX_HOOK_WORDS:
        return text
    cut = clean(_CLAUSE.sub("", text.rstrip(".!"))) + "."
    if _whole(cut):
        return cut
    return text if candidate.index == 1 and spoken_words(text) <= MAX_LEAD_WORDS else None


def _whole(cut: str) -> bool:
    """Say whether what is left of a sentence is a statement of its own, of a length that lands at once."""
    if not _FINITE.search(cut) or re.match(r"\w+ing\b", cut) or "not only" in cut or re.search(r"[–—]", cut):
        return False
    fits = cut.count(",") <= 1 and 6 <= spoken_words(cut) <= MAX_HOOK_WORDS + 1 and len(tokens(cut)) >= 5
    return fits and not re.match(r"(If|When|While|As|After|Before|Because|Although|To|In order)\b", cut)


def hook_score(candidate: Candidate, text: str, topic: Sequence[str], spelt: str = "") -> float:
    """Return how likely the sentence is to stop a viewer: magnitude, superlative, contrast, the topic itself, brevity."""
    magnitude = bool(_MAGNITUDE.search(_YEAR_ONLY.sub("", text)))
    score = 0.7 * magnitude + 0.7 * bool(_SUPERLATIVE.search(text) or superlatives(text)) + 0.5 * bool(_CONTRAST.search(text))
    said = {stem[:5] for stem in content(text)}
    about = sum(stem[:5] in said for stem in set(topic))
    if len(set(content(spelt.split("\n")[0]))) <= _SHORT_TOPIC:
        score -= 1.2 * (not said & {stem[:5] for stem in content(spelt.split("\n")[0])})
    score += 0.6 * min(2, about) + 0.3 * candidate.score - 2.0 * (about == 0)
    score += 0.3 * bool(set(topic) & set(content(" ".join(text.split()[:4]))))
    score -= 0.05 * max(0, spoken_words(text) - 10) + 0.5 * bool(_DULL.search(text)) + 0.15 * text.count(",")
    score -= 1.0 * bool(_UNKNOWN.search(text) or _WHICH_ONE.search(text)) + 0.7 * bool(_CATALOGUE.search(text))
    score -= 0.5 * bool(re.match(r"The [a-z]", text) and not _SUPERLATIVE.search(text))
    score -= 1.1 * min(2, out_of_reach(text, topic, spelt)) + 0.8 * promises_more(text)
    return score - 0.4 * bool(re.match(r"(There|Their|His|Her|Some|Many|Most|In \d{4}|In the|On [A-Z])\b", text) and candidate.index > 1)


def ranked_hooks(found: Sequence[Candidate], about: str, avoid: Sequence[str] = ()) -> list[tuple[Candidate, str]]:
    """Return the possible hooks, best first; hooks used in earlier videos are left out.

    The opening of the leading document (the first of `found`) counts more: what follows it there goes on from it.
    """
    stems = content(about)
    forms = [(one, form) for one in found if (form := hook_form(one)) is not None and form not in avoid]
    lead = found[0].document_id if found else ""
    first = {one.passage_id: _place(one, found[0]) for one in found if one.document_id == lead}
    return sorted(forms, key=lambda pair: (-hook_score(pair[0], pair[1], stems, about) - first.get(pair[0].passage_id, 0.0), pair[0].passage_id))


def _place(one: Candidate, first: Candidate) -> float:
    """Return what the place in the leading document is worth: its opening says what the story is, and what is told after it goes on from it."""
    if one.index == 1:
        return 1.0 if _DEFINES.match(one.text) else 2.4
    return 0.8 if one.paragraph == first.paragraph else 0.3 if one.position < _EARLY else 0.0
