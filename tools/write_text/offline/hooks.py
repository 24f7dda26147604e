"""The first three seconds: a striking fact of the evidence, short enough to land at once."""

import re
from collections.abc import Sequence

from tools.write_text.offline.candidates import Candidate
from tools.write_text.offline.simplify import clean
from tools.write_text.offline.words import ENGLISH, content, spoken_words, tokens

_SUPERLATIVE = re.compile(
    r"\b(first|only|largest|biggest|smallest|longest|fastest|farthest|oldest|highest|deepest|most|best|worst|record|never|hidden)\b", re.IGNORECASE
)
_CONTRAST = re.compile(r"\b(but|instead|despite|although|even though|yet|without|unlike|rather than|not)\b", re.IGNORECASE)
_MAGNITUDE = re.compile(r"\b(million|billion|trillion|percent|times|thousand|hundred)\b|\d", re.IGNORECASE)
_YEAR_ONLY = re.compile(r"\b(1[0-9]{3}|20[0-9]{2})\b")
_DULL = re.compile(r"\b(said|says|according to|officials|announced|spokes\w+|statement|meeting|report(ed|s)?)\b", re.IGNORECASE)
_CLAUSE = re.compile(
    r",\s+(?:and|but|while|as|when|because|which|who|where|after|before|although|so|with|making|including)\s.*$|\s+(?:because|although|while|whereas)\s.*$|;.*$"
)
_FINITE = re.compile(rf"\b(?:{'|'.join(ENGLISH['verbs'])})\b")
MAX_HOOK_WORDS = 15


def hook_form(candidate: Candidate) -> str | None:
    """Return the sentence cut to hook length, or None when it cannot be cut without changing what it says."""
    text = candidate.alone
    if text is None or candidate.is_quote or "“" in text:
        return None
    if spoken_words(text) <= MAX_HOOK_WORDS:
        return text
    cut = clean(_CLAUSE.sub("", text.rstrip(".!"))) + "."
    if not _FINITE.search(cut) or re.match(r"\w+ing\b", cut) or "not only" in cut:
        return None
    if (
        cut.count(",") <= 1
        and 6 <= spoken_words(cut) <= MAX_HOOK_WORDS + 1
        and len(tokens(cut)) >= 5
        and not re.match(r"(If|When|While|As|After|Before|Because|Although|To|In order)\b", cut)
    ):
        return cut
    return None


def hook_score(candidate: Candidate, text: str, topic: Sequence[str]) -> float:
    """Return how likely the sentence is to stop a viewer: magnitude, superlative, contrast, the topic itself, brevity."""
    magnitude = bool(_MAGNITUDE.search(_YEAR_ONLY.sub("", text)))
    score = 0.7 * magnitude + 0.7 * bool(_SUPERLATIVE.search(text)) + 0.5 * bool(_CONTRAST.search(text))
    about = len(set(topic) & set(content(text)))
    score += 0.6 * min(2, about) + 0.3 * candidate.score - 0.6 * (about == 0)
    score -= 0.05 * max(0, spoken_words(text) - 10) + 0.5 * bool(_DULL.search(text)) + 0.15 * text.count(",")
    return score - 0.4 * bool(re.match(r"(There|Their|His|Her|Some|Many|Most|In \d{4}|On [A-Z])\b", text))


def ranked_hooks(found: Sequence[Candidate], about: str, avoid: Sequence[str] = ()) -> list[tuple[Candidate, str]]:
    """Return the possible hooks, best first; hooks used in earlier videos are left out."""
    stems = content(about)
    forms = [(one, form) for one in found if (form := hook_form(one)) is not None and form not in avoid]
    return sorted(forms, key=lambda pair: (-hook_score(pair[0], pair[1], stems), pair[0].passage_id))
