"""The port of language models: one structured answer per call, with the usage it is billed by."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from tools.gateway import CallRejected

Ended = Literal["stop", "length", "refusal", "filter"]

# Providers keep no prefix shorter than this many tokens; about four characters of English make one.
# Source: the providers' pages on prompt caching (1024 tokens is the least that any current model keeps).
MIN_CACHED_CHARS = 4 * 1024


class ModelUnknown(CallRejected):
    """The provider has no model of that name for this account."""

    code = "model_unknown"


@dataclass(frozen=True)
class Usage:
    """Tokens of one call.

    `input_tokens` includes what was read from or written to the provider's cache, `output_tokens` those of which a picture is made.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    output_image_tokens: int = 0


@dataclass(frozen=True)
class Completion:
    """One answer: its text (JSON unless the model broke the schema), why it ended, and its usage, which is billed whatever the answer is worth."""

    text: str
    model: str
    usage: Usage
    ended: Ended = "stop"


@dataclass(frozen=True)
class Refused:
    """An earlier answer to the same prompt, and what was wrong with it."""

    answer: str
    reason: str


@dataclass(frozen=True)
class Prompt:
    """What a model is sent, the parts that never change first, so that a provider's prefix cache can serve the next request.

    `system` holds our own words, `material` what repairs and revisions of a task share, `ask` what this request adds.
    """

    system: str
    material: str
    ask: str = ""
    refused: tuple[Refused, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that is sent, in order."""
        return (self.system, self.material, self.ask, *(text for one in self.refused for text in (one.answer, one.reason)))


class LanguageModel(Protocol):
    """A provider's model. `complete` makes exactly one request and never retries; `credential` is a tag of the key, never the key."""

    provider: str
    model: str
    credential: str

    def complete(self, prompt: Prompt, schema: dict[str, Any], max_output_tokens: int, timeout_s: float) -> Completion:
        """Return one answer under a JSON schema; a refused, filtered or cut-off answer is returned too, since it is billed.

        Raises `ToolRetry` for passing faults (`after_s` from Retry-After), `ToolError` for a rejected request or key.
        """
        ...


_LOOSE = frozenset(
    ("default", "title", "description", "maxLength", "minLength", "maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "maxItems", "minItems"),
)


def strict_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return `schema` as strict structured output wants it: every property required, none additional, no defaults, no bounds.

    Bounds are checked on the answer instead. Source: the providers' structured-output rules, which refuse optional properties,
    open objects and several of the validation keywords.
    """
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _LOOSE and not isinstance(value, dict):
            continue
        if key in {"properties", "$defs"}:
            made[key] = {name: strict_schema(one) for name, one in value.items()}
        elif isinstance(value, dict):
            made[key] = strict_schema(value)
        elif isinstance(value, list):
            made[key] = [strict_schema(one) if isinstance(one, dict) else one for one in value]
        else:
            made[key] = value
    if made.get("type") == "object" and "properties" in made:
        made["required"] = list(made["properties"])
        made["additionalProperties"] = False
    return made
