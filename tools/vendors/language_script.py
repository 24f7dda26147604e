"""What a stand-in of a language model answers: replies on script, else an answer made from the request's own material."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tools.vendors.language import Ended
from tools.vendors.schema_example import example_of
from tools.vendors.script_example import faults_of, script_from_passages

# How real models are known to answer beside the point.
_PROSE = "https://platform.openai.com/docs/guides/structured-outputs#json-mode"
_REFUSAL = "https://platform.openai.com/docs/guides/structured-outputs#refusals"
_LENGTH = "https://platform.openai.com/docs/guides/structured-outputs#handling-mistakes"
_FILTER = "https://platform.openai.com/docs/api-reference/chat/object"
_EMPTY = "https://platform.openai.com/docs/guides/reasoning#controlling-costs"


@dataclass(frozen=True)
class Reply:
    """One answer on script. `cite` is the address of the page that shows that real models answer so."""

    text: str
    ended: Ended = "stop"
    cite: str = ""


Writer = Callable[[dict[str, Any], str], str]


def prose() -> Reply:
    """Answer in plain words where JSON was asked for, as servers without constrained output do."""
    return Reply("Of course! Here is a script about your topic. I hope you like it.", cite=_PROSE)


def half(text: str) -> Reply:
    """End in the middle of the JSON while claiming to be done."""
    return Reply(text[: len(text) // 2], cite=_PROSE)


def refused(words: str = "I'm sorry, I can't help with that.") -> Reply:
    """Decline to answer."""
    return Reply(words, "refusal", _REFUSAL)


def nothing() -> Reply:
    """Spend every token on thinking and answer nothing, while claiming to be done."""
    return Reply("", cite=_EMPTY)


def cut_off(text: str) -> Reply:
    """Reach the token limit in the middle of the answer."""
    return Reply(text[: len(text) // 2], "length", _LENGTH)


def filtered() -> Reply:
    """Be stopped by the provider's content filter."""
    return Reply("", "filter", _FILTER)


def write_plausibly(schema: dict[str, Any], said: str) -> str:
    """Return an answer that a willing model could give: a script of the request's passages, a critique of its script, else a small value of the schema."""
    if {"beats", "titles"} <= set(schema.get("properties", {})):
        script = script_from_passages(said)
        if script is not None:
            return json.dumps(script, ensure_ascii=False)
    if "faults" in schema.get("properties", {}):
        return json.dumps(faults_of(said))
    return json.dumps(example_of(schema))


@dataclass
class Script:
    """The replies of one stand-in: `queue` in order, then `write` for every request; `billed` is its own invoice, one row for each answer."""

    queue: deque[Reply | str] = field(default_factory=deque)
    write: Writer = write_plausibly
    billed: list[dict[str, int | str]] = field(default_factory=list)
    prefixes: set[str] = field(default_factory=set)

    def reply(self, schema: dict[str, Any], said: str, most_tokens: int) -> Reply:
        """Return the next reply to a request that said `said`, cut off where it is longer than the request allows."""
        found = self.queue.popleft() if self.queue else self.write(schema, said)
        made = Reply(found) if isinstance(found, str) else found
        if tokens_of(made.text) > most_tokens:
            return Reply(made.text[: 4 * most_tokens], "length", _LENGTH)
        return made

    def cached(self, prefix: str) -> bool:
        """Say whether a request began with `prefix` before, and remember it."""
        known = prefix in self.prefixes
        self.prefixes.add(prefix)
        return known


def tokens_of(text: str) -> int:
    """Return about how many tokens a text has: one for every four characters."""
    return len(text) // 4 + bool(text)
