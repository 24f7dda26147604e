"""The script that a stand-in of a language model writes: sentences of the request's own sources, cited, in the shape that was asked for."""

import json
import re
from dataclasses import dataclass
from typing import Any

_SOURCE = re.compile(r"<<<UNTRUSTED (\w{12}) source (quotable|facts only)\n(.*?)\n\1 UNTRUSTED>>>", re.DOTALL)
_PASSAGE = re.compile(r"^\[([^\[\]\s]+)\] (.+)$", re.MULTILINE)
_PUBLISHER = re.compile(r"^publisher: (.+)$", re.MULTILINE)
_TOPIC = re.compile(r"<<<UNTRUSTED (\w{12}) topic\n(.*?)\n\1 UNTRUSTED>>>", re.DOTALL)
# Sentences that lean on one that was not said, or speak of their own page.
_LEANS = re.compile(
    r"^(this|that|these|those|it|they|he|she|his|her|its|their|but|and|so|however|also|such|there)\b|\b(we|our|us|you|i)\b|[?:;\"“”()\[\]]", re.IGNORECASE
)
_DIGITS = re.compile(r"\d")
_FEWEST, _FEWEST_QUOTED, _MOST = 6, 10, 24
_FULL = 0.92
_HOOK_WORDS = 15
_NUMBERED = re.compile(r"^(\d+)\. (.+)$", re.MULTILINE)
_HARD_WORDS = 20
# Below this many words a slot has no room for a call to action beside a closing.
_ROOM_FOR_BOTH = 45


@dataclass(frozen=True)
class _Fact:
    text: str
    cites: str
    words: int


def script_from_passages(said: str) -> dict[str, Any] | None:
    """Return a script draft made of the passages of a compose prompt, or None when the prompt holds no three usable ones."""
    asked = _asked(said)
    if asked is None:
        return None
    specification, wanted = asked
    facts = [one for one in _facts(said) if one.cites not in wanted["do_not_cite"]]
    if len(facts) < 3:
        return None
    found = _TOPIC.search(said)
    topic = found.group(2).split("\n")[0] if found else "the topic"
    ending = _ending(specification, wanted["words"])
    hook, told = _opened(facts, wanted["words"] - sum(_words(one["text"]) for one in ending))
    beats = _beats(told, max(1, min(len(specification["beats"]), len(told) // 2)))
    beats[0]["sentences"].insert(0, {"text": hook.text, "role": "hook", "citations": [hook.cites]})
    beats[-1]["sentences"] += ending
    return {"beats": beats, "titles": [_cut(topic, 70), f"{_cut(topic, 40)}: what the sources say"], "tags": [_cut(topic, 60)]}


def faults_of(said: str) -> dict[str, Any]:
    """Return the critique that a plain critic gives of a numbered script: the longest sentence is hard to follow when it has over 20 words."""
    told = [(int(number), text) for number, text in _NUMBERED.findall(said)]
    longest = max(told, key=lambda one: _words(one[1]), default=None)
    if longest is None or _words(longest[1]) <= _HARD_WORDS:
        return {"faults": []}
    return {"faults": [{"sentence": longest[0], "kind": "unclear", "why": "It is long for a listener; say it in two sentences."}]}


def _ending(specification: dict[str, Any], words: int) -> list[dict[str, Any]]:
    """Return the last lines: a call to action and a closing, or the shorter of them where a slot holds little more."""
    closers = [one for one in specification["channel"]["closers"] if "{topic}" not in one] or ["Thank you for watching."]
    call = {"text": specification["calls_to_action"][0], "role": "call_to_action", "citations": []}
    closing = {"text": _filled(closers[0], specification), "role": "closing", "citations": []}
    if words >= _ROOM_FOR_BOTH:
        return [call, closing]
    short = [{**closing, "text": _filled(one, specification)} for one in closers]
    return [min([call, *short], key=lambda one: _words(one["text"]))]


def _opened(facts: list[_Fact], room: int) -> tuple[_Fact, list[_Fact]]:
    """Return a hook and the facts that follow it, together near to `room` words: the first short one with a figure, unless another fits much better."""
    short = sorted((one for one in facts if one.words <= _HOOK_WORDS), key=lambda one: not _DIGITS.search(one.text)) or [min(facts, key=lambda one: one.words)]
    best: tuple[_Fact, list[_Fact]] | None = None
    for hook in short:
        rest = [one for one in facts if one is not hook]
        told = _chosen(rest, room - hook.words) or [min(rest, key=lambda one: one.words)]
        if best is None or _off(hook, told, room) < _off(*best, room):
            best = hook, told
        if _off(*best, room) <= (1 - _FULL) * room:
            break
    assert best is not None
    return best


def _off(hook: _Fact, told: list[_Fact], room: int) -> int:
    return abs(room - hook.words - sum(one.words for one in told))


def _facts(said: str) -> list[_Fact]:
    """Return every passage that stands on its own; one of a source that lends facts only is spoken as a marked quotation."""
    found: dict[str, _Fact] = {}
    for _, rights, body in _SOURCE.findall(said):
        publisher = _PUBLISHER.search(body)
        for cites, text in _PASSAGE.findall(body):
            fewest = _FEWEST if rights == "quotable" else _FEWEST_QUOTED
            if _LEANS.search(text) or not text.endswith(".") or not fewest <= _words(text) <= _MOST:
                continue
            spoken = text if rights == "quotable" else f"{publisher.group(1) if publisher else 'The source'} writes: “{text}”"
            found.setdefault(spoken.casefold(), _Fact(spoken, cites, _words(spoken)))
    return list(found.values())


def _asked(said: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    reader = json.JSONDecoder()
    values = []
    for mark in ("Specification:\n", "This draft:\n"):
        at = said.find(mark)
        if at < 0:
            return None
        values.append(reader.raw_decode(said, at + len(mark))[0])
    return values[0], values[1]


def _chosen(facts: list[_Fact], room: int) -> list[_Fact]:
    """Return facts in their sources' order whose words come near to `room`: of the shortest stretch of neighbours that fills it well."""
    best: list[_Fact] = []
    for span in range(2, len(facts) + 1):
        for start in range(len(facts) - span + 1):
            picked = _fullest(facts[start : start + span], room)
            if sum(one.words for one in picked) > sum(one.words for one in best):
                best = picked
        if best and sum(one.words for one in best) >= _FULL * room:
            break
    return best


def _fullest(facts: list[_Fact], room: int) -> list[_Fact]:
    """Return the facts whose words come nearest to `room` without passing it: the best subset sum, found by the table of reachable sums."""
    reached: dict[int, tuple[int, ...]] = {0: ()}
    for place, fact in enumerate(facts):
        for total, picked in list(reached.items()):
            if total + fact.words <= room:
                reached.setdefault(total + fact.words, (*picked, place))
    return [facts[place] for place in reached[max(reached)]]


def _beats(facts: list[_Fact], count: int) -> list[dict[str, Any]]:
    """Return `count` beats or fewer, each under the longest words of its first sentence."""
    each = -(-len(facts) // count)
    beats = []
    for number in range(0, len(facts), each):
        part = facts[number : number + each]
        longest = sorted(dict.fromkeys(re.findall(r"[A-Za-z]{5,}", part[0].text)), key=lambda one: -len(one))[:2]
        heading = " and ".join(longest).capitalize() or "The facts"
        sentences: list[dict[str, Any]] = [{"text": one.text, "role": "quote" if "“" in one.text else "fact", "citations": [one.cites]} for one in part]
        beats.append({"heading": heading[:60], "sentences": sentences})
    return beats


def _filled(line: str, specification: dict[str, Any]) -> str:
    return line.replace("{channel}", specification["channel"]["name"])


def _cut(text: str, most: int) -> str:
    """Return as many whole words of `text` as fit."""
    return text if len(text) <= most else text[: most + 1].rpartition(" ")[0].rstrip(" ,:;")


def _words(text: str) -> int:
    """Return about how many words a voice says: a figure takes about three."""
    return sum(1 + 2 * bool(_DIGITS.search(one)) for one in text.split())
