"""The port of language models: one structured answer per call, with the usage it is billed by."""

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Usage:
    """Tokens of one call. `input_tokens` includes what was read from or written to the provider's cache."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


@dataclass(frozen=True)
class Completion:
    """One answer: its text (JSON unless the model broke the schema), why it ended, and its usage."""

    text: str
    model: str
    usage: Usage
    finished: bool = True


class LanguageModel(Protocol):
    """A provider's model. `complete` makes exactly one request and never retries."""

    provider: str
    model: str

    def complete(self, system: str, user: str, schema: dict[str, Any], max_output_tokens: int) -> Completion:
        """Return one answer under a JSON schema.

        Raises `ToolRetry` for passing faults (`after_s` from Retry-After), `ToolError` for a rejected request or key.
        """
        ...


def strict_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return `schema` as strict structured output wants it: every property required, none additional, no defaults.

    Source: the providers' structured-output rules, which refuse optional properties and open objects.
    """
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key in {
            "default",
            "title",
            "maxLength",
            "minLength",
            "maximum",
            "minimum",
            "exclusiveMaximum",
            "exclusiveMinimum",
            "description",
        } and not isinstance(value, dict):
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
