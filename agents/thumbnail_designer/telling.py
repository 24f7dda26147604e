"""Which few words of a story can stand on a thumbnail by themselves: its names first, then concrete phrases, and no word that means nothing alone."""

import re
from collections import Counter
from collections.abc import Sequence

from agents.thumbnail_designer.naming import plainly_named
from agents.thumbnail_designer.phrases import FUNCTION_WORDS, terms
from memory.artifacts import Brief, Script

_MOST_WORDS = 3
_WORD_CHARS = 13
_PHRASE_CHARS = 20
# A single common noun shorter than this rarely says what a video is about ("rules", "ground", "mean").
_LONG_NOUN = 8
ABSTRACT = frozenset(
    """ability amount answer approach aspect average basis benefit capacity century change changes chance choice concept condition conditions course data
    decade detail details development difference discovery evidence experience explainer factor factors feature feature features figure figures finding
    findings form forms future ground group groups guide history idea ideas impact importance influence information interest knowledge lesson lessons
    list matter mean meaning means measure measures message method methods model models movement name names news object objects option options order
    overview past pattern patterns period person position possibility potential power practice present process product program progress project purpose
    quality range rate reality region report research result results review risk role rule rules scale science section sense series shape sign signal
    similar situation size solution something state statement step steps structure study success summary support system systems task technique term terms
    theory thinking tip tips today tomorrow topic trend truth type types understanding unit units update use user users value values variety version
    view work works world yesterday briefing episode chapter introduction basics secret secrets mystery""".split()  # noqa: SIM905
)
_VERBS = frozenset(
    """works work makes make helps help matters matter happens happen explained explains means mean uses use used using affects affect causes cause
    changes change reveals reveal suggests suggest wants want gives give takes take looks look gets works moves move starts start""".split()  # noqa: SIM905
)
_NUMBERS = frozenset("half quarter quarters third thirds two three four five six seven eight nine ten dozen hundred thousand million".split())  # noqa: SIM905
# A channel's own greeting and farewell tell nothing about the story.
_TOLD = frozenset({"hook", "fact", "quote"})
_WORDS = re.compile(r"[^\W_][\w’'-]*")


def tells(phrase: str, names: frozenset[str] = frozenset()) -> bool:
    """Say whether a phrase means something alone: a name, a thing that can be drawn, or a noun phrase that ends on no verb or abstract word."""
    words = _WORDS.findall(phrase)
    content = [word for word in words if word.lower() not in FUNCTION_WORDS]
    if not content or content[0] is not words[0] or content[-1] is not words[-1]:
        return False
    last = re.sub(r"[’']s$", "", content[-1])
    if last.lower() in ABSTRACT | _VERBS or content[0].lower() in _NUMBERS | _VERBS:
        return False
    if len(content) > 1:
        return any(word.lower() not in ABSTRACT | _VERBS for word in content[:-1])
    return last in names or (last.isupper() and len(last) > 1) or bool(plainly_named(last)) or len(last) >= _LONG_NOUN


def without_verb(words: Sequence[str]) -> list[str]:
    """Return words without the verbs they begin or end with."""
    kept = list(words)
    while kept and kept[-1].lower() in _VERBS:
        kept.pop()
    while kept and kept[0].lower() in _VERBS:
        kept.pop(0)
    return kept


def names_of(script: Script, brief: Brief) -> frozenset[str]:
    """Return the words that the story's sentences write with a capital where no sentence begins."""
    texts = [*(one.text for one in script.sentences if one.role in _TOLD), *(passage.text for passage in brief.passages)]
    heard = [word for text in texts for word in re.findall(r"(?<=[a-z,] )[A-Z][\w’'-]+", text)]
    return frozenset(re.sub(r"[’']s$", "", word) for word in heard if word.lower() not in FUNCTION_WORDS)


def telling_phrases(script: Script, brief: Brief) -> tuple[str, ...]:
    """Return the phrases of the title and topic that mean something alone, then those that the script says most; names and longer ones first."""
    names = names_of(script, brief)
    said = Counter(term for sentence in script.sentences if sentence.role in _TOLD for term in terms(sentence.text))
    first = _kept([term for text in (script.title, brief.topic) for part in re.split(r"[:;,?!–—|]", text) for term in terms(part)], names)
    often = _kept([term for term, _ in sorted(said.items(), key=lambda one: (-one[1], -len(one[0].split()), one[0]))], names)
    return tuple(dict.fromkeys((*sorted(first, key=lambda one: -_weight(one, names)), *sorted(often[:6], key=lambda one: -_weight(one, names)))))


def _kept(found: Sequence[str], names: frozenset[str]) -> list[str]:
    bare = [" ".join(without_verb(re.sub(r"[’']s$", "", one).split())) for one in found]
    fitting = [one for one in bare if len(one.split()) <= _MOST_WORDS and len(one) <= _PHRASE_CHARS]
    return [one for one in fitting if tells(one, names) and all(len(word) <= _WORD_CHARS for word in one.split())]


def _weight(phrase: str, names: frozenset[str]) -> int:
    """A name counts two, each word one."""
    words = phrase.split()
    return len(words) + 2 * any(word in names or word.isupper() for word in words)
